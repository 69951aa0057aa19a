"""How fast is a text searched for many words? MB of UTF-8 a second, by the number of terms.

    python bench/words.py [--terms 10000] [--mb 20]

The text is made of official phrases with a slip now and then; the terms are the program's own and made-up ones of
three to six Chinese letters, seed 0. Building the automaton is timed apart: it happens once a run.
"""

from __future__ import annotations

import argparse
import random
import time

from crawler.clues import occurring
from rules.lexicon import table

_PHRASES = (
    "云岭县人民政府办公室关于印发", "县委常委会召开会议", "深入学习贯彻", "推进乡村振兴工作", "各乡镇人民政府",
    "安全生产", "优化营商环境", "公开招聘事业单位工作人员", "根据《中华人民共和国政府信息公开条例》",
    "现将有关事项通知如下", "，", "。", "、", "2026年11月24日", "第一季度", "完成投资12.5亿元", "同比增长6.2%", "\n",
)  # fmt: skip


def text_of(size: int, rng: random.Random, slips: list[str]) -> str:
    """About `size` bytes of UTF-8."""
    pieces, length = [], 0
    while length < size:
        piece = rng.choice(slips) if rng.random() < 0.001 else rng.choice(_PHRASES)
        pieces.append(piece)
        length += len(piece.encode())
    return "".join(pieces)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--terms", type=int, default=10_000)
    parser.add_argument("--mb", type=int, default=20)
    asked = parser.parse_args()
    rng = random.Random(0)  # noqa: S311 - no secret
    letters = sorted({c for phrase in _PHRASES for c in phrase if ord(c) > 0x2FFF} | set("拔划健督察汛坏镜薄券"))
    slips = [*table("wrong_words")["serious"], *table("wrong_words")["words"]]
    text = text_of(asked.mb * 1_000_000, rng, slips)
    pages = [text[at : at + 4000] for at in range(0, len(text), 4000)]  # as they come: page by page
    size = len(text.encode()) / 1e6
    print(f"{'terms':>7} {'build ms':>9} {'MB/s':>7} {'µs a page of 4,000 characters':>30}")
    for count in sorted({len(slips), 1000, asked.terms}):
        made = {"".join(rng.choices(letters, k=rng.randint(3, 6))) for _ in range(max(count - len(slips), 0) * 2)}
        terms = frozenset([*slips, *sorted(made - set(slips))][:count])
        began = time.perf_counter()
        occurring(terms, "")
        built = time.perf_counter() - began
        began = time.process_time()
        found = set().union(*(occurring(terms, page) for page in pages))
        spent = time.process_time() - began
        if found.isdisjoint(slips):
            raise SystemExit("no planted slip was found")
        print(f"{len(terms):>7} {built * 1e3:>9.1f} {size / spent:>7.0f} {spent / len(pages) * 1e6:>30.0f}")


if __name__ == "__main__":
    main()
