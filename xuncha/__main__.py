"""`xuncha` and `python -m xuncha`: the language, the command, one line for every mistake, the exit code."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import click

from crawler.archive import ArchiveError
from crawler.message import Message, say
from reports.language import Language
from rules.engine.table import EditionError
from xuncha.cli import cli
from xuncha.executors import ExecutorError
from xuncha.parameters import Mistake, speak, spoken, translate, usage_line
from xuncha.register import SiteListError
from xuncha.settings import SettingsError
from xuncha.store import StoreError

USAGE = 2
INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Run the command line; the exit code of DESIGN section 9."""
    for stream in (sys.stdout, sys.stderr):
        _as_utf8(stream)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        language, rest = _language(list(sys.argv[1:] if argv is None else argv))
        speak(language)
        translate(cli)
        return int(cli.main(rest, prog_name="xuncha", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
    except click.UsageError as error:
        _say(usage_line(error))
    except (SettingsError, SiteListError, EditionError, StoreError, ArchiveError, ExecutorError) as error:
        _say(_text(error))
    except (KeyboardInterrupt, click.Abort):
        _say(spoken().text(say("已中断。已经检查的都已保存，继续请运行：xuncha audit --resume last")))
        return INTERRUPTED
    return USAGE


def run() -> None:
    """The console script."""
    sys.exit(main())


def _language(argv: list[str]) -> tuple[Language, list[str]]:
    """`--lang en` may stand anywhere, before or after the command."""
    code, rest = "zh", []
    words = iter(argv)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--lang":
            code = next(words, "")
        elif word.startswith("--lang="):
            code = word.removeprefix("--lang=")
        else:
            rest.append(word)
    if code not in ("zh", "en"):
        raise Mistake(say("--lang：没有“{code}”，可用：zh、en", code=code))
    return Language("en" if code == "en" else "zh"), rest


def _text(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return spoken().text(said) if isinstance(said, Message) else " ".join(str(said).split())


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _as_utf8(stream: TextIO) -> None:
    """A Chinese office computer's console may be GBK, and a pipe ASCII: never crash on a character."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        encoding = None if stream.isatty() else "utf-8"
        reconfigure(encoding=encoding, errors="replace")


if __name__ == "__main__":
    run()
