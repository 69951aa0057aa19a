"""What the visit notes of a page's words is what a reader of the page would find; then the page need not be opened."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import clues, html
from crawler.numbers import NumberKind
from crawler.plan import Plan
from crawler.saved import keep
from crawler.site import Site

AS_OF = datetime.fromisoformat("2026-11-24T09:30:00+08:00")
TEXT = "<p>本县人民政府办公室主办，本页公布本县政务信息，欢迎监督。</p>" * 8
TERMS = frozenset({"开云体育", "bet365", "身份证", "云岭县"})
HOME = (
    "<html><head><title>本县人民政府</title><meta name=Keywords content='BET365 官网'></head><body>"
    f"{TEXT}<a href=/a.html>甲页面的标题</a><a href=/b.html>乙页面的标题</a></body></html>"
)
A = f"<html><title>开云体育</title><body>{TEXT}<p>身份证号 11010519491231002X</p></body></html>"
B = f"<html><title>乙</title><body>{TEXT}<div style='display:none'><a href=http://qp.example/>x</a></div></body></html>"


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("登录开云体育官网", {"开云体育"}),
        ("BET365", {"bet365"}),
        ("Bet365与身份证", {"bet365", "身份证"}),
        ("开云 体育", set()),
        ("\ud800开云体育\udfff", {"开云体育"}),
        ("", set()),
    ],
)
def test_terms_in_a_text(text: str, there: set[str]) -> None:
    assert clues.occurring(TERMS, text) == there


WORDS = st.frozensets(st.text("甲乙丙ab", min_size=1, max_size=4), min_size=1, max_size=12)


@given(WORDS, st.text("甲乙丙ab。", max_size=400))
def test_terms_that_overlap_are_all_found(terms: frozenset[str], text: str) -> None:
    assert clues.occurring(terms, text) == {term for term in terms if term in text}


def test_a_term_across_two_pieces_is_found() -> None:
    for length in range(43_685, 43_700):  # in UTF-8 the first piece ends here
        assert clues.occurring(frozenset({"开云体育"}), "。" * length + "开云体育") == {"开云体育"}


def test_words_are_what_is_shown() -> None:
    document = html.parse(
        "<title>题</title><meta name=description content=述><script>码</script><style>样</style><!-- 注 --><p>文"
    )
    assert [c for c in "题述码样注文" if c in clues.words(document)] == ["题", "述", "文"]


@pytest.fixture
def gathered(server: Any, go: Any) -> Any:
    for path, source in (("/", HOME), ("/a.html", A), ("/b.html", B)):
        server.on(path, server.answer(source.encode()))
    return lambda **more: go(
        server.url("/"), **({"scope": "full", "needs": frozenset({"pages"}), "terms": TERMS} | more)
    )


def noted(snapshot: Any, wanted: frozenset[str]) -> dict[str, Any]:
    return {
        page.title: (page.terms(wanted), page.numbers, page.hides, "document" in page.__dict__)
        for page in snapshot.pages()
    }


def test_after_a_visit_no_page_is_opened(gathered: Any) -> None:
    assert noted(gathered(), frozenset({"开云体育", "bet365"})) == {
        "本县人民政府": ({"bet365"}, frozenset(), False, False),
        "开云体育": ({"开云体育"}, {NumberKind.RESIDENT}, False, False),
        "乙": (frozenset(), frozenset(), True, False),
    }


def test_terms_that_the_visit_did_not_look_for_are_looked_for_in_the_page(gathered: Any) -> None:
    assert noted(gathered(), frozenset({"开云体育", "甲页面"})) == {
        "本县人民政府": ({"甲页面"}, frozenset(), False, True),
        "开云体育": ({"开云体育"}, {NumberKind.RESIDENT}, False, True),
        "乙": (frozenset(), frozenset(), True, True),
    }


def test_a_visit_gone_on_with_has_looked_for_what_both_looked_for(gathered: Any, tmp_path: Path) -> None:
    gathered(folder=tmp_path / "v", stop=lambda: True)
    snapshot = gathered(folder=tmp_path / "v", terms=frozenset({"开云体育", "新词"}))
    assert noted(snapshot, frozenset({"开云体育"}))["乙"] == (frozenset(), frozenset(), True, False)
    assert noted(snapshot, frozenset({"新词"}))["乙"] == (frozenset(), frozenset(), True, True)


def test_a_page_that_nobody_looked_at_is_read(gathered: Any) -> None:
    for page in gathered().pages():
        fresh = replace(page, clues=None)
        assert (fresh.terms(TERMS), fresh.numbers, fresh.hides) == (page.terms(TERMS), page.numbers, page.hides)


def test_saved_pages_are_looked_at_too(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(A, encoding="utf-8")
    plan = Plan(as_of=AS_OF, terms=TERMS)
    snapshot = keep(Site(path.as_uri()), [path], plan, tmp_path / "v", moment_known=False)
    assert noted(snapshot, TERMS) == {"开云体育": ({"开云体育", "身份证"}, {NumberKind.RESIDENT}, False, False)}
    snapshot.close()
