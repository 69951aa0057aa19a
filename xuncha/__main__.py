"""`xuncha` and `python -m xuncha`: the language, the command, one line for every mistake, the exit code."""

from __future__ import annotations

import logging
import os
import sys
from typing import TextIO

import click

from crawler.message import Message, say
from reports.language import Language
from xuncha import help as helps
from xuncha import log
from xuncha.cli import cli
from xuncha.parameters import Interrupted, Mistake, speak, spoken
from xuncha.progress import event

MISTAKE = 2
INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Run the command line; the exit code of DESIGN section 9. A fault of the program itself is 2 as well: nothing is
    said about any site."""
    for stream in (sys.stdout, sys.stderr):
        _as_utf8(stream)
    log.silence()
    words = list(sys.argv[1:] if argv is None else argv)
    code = MISTAKE
    try:
        language, rest = _language(words)
        speak(language)
        with cli.make_context("xuncha", rest) as context:
            return int(cli.invoke(context) or 0)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        said = error.format_message()
    except click.ClickException as error:
        said = helps.complaint(error)
    except BrokenPipeError:
        return 0  # whoever read our output (`| head`) has seen enough
    except Interrupted as error:
        said, code = _text(error), INTERRUPTED
    except (KeyboardInterrupt, click.Abort):
        said, code = spoken().text(say("已中断")), INTERRUPTED
    except Exception as error:  # noqa: BLE001 - no traceback ever reaches the clerk
        said = _text(error)
    _tell(said, as_json="--json-log" in words)
    return code


def run() -> None:
    """The console script."""
    logging.captureWarnings(True)
    code = main()
    try:
        if sys.stdout is not None:  # a program without a console has none
            sys.stdout.flush()
    except OSError:
        # Whoever read has gone, or the disk is full. Python flushes once more when it exits, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


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
        speak(Language("zh"))
        raise Mistake(say("--lang：没有“{code}”，可用：zh、en", code=code))
    return Language("en" if code == "en" else "zh"), rest


def _text(error: Exception) -> str:
    """What an exception says to a person: those that are meant for one carry a Message. Else it is a fault of ours."""
    said = error.args[0] if error.args else None
    if not isinstance(said, Message):
        path = log.record(error)
        if isinstance(error, OSError) and error.strerror:
            where = str(error.filename or "")
            return spoken().text(say("读写文件出错：{why} {path}", why=error.strerror, path=where))
        kind = type(error).__name__
        said = (
            say("程序自身出错（{kind}），与被检查的网站无关；详情已写入 {path}", kind=kind, path=str(path))
            if path is not None
            else say("程序自身出错（{kind}：{why}），与被检查的网站无关", kind=kind, why=str(error))
        )
    return spoken().text(said)


def _tell(line: str, *, as_json: bool) -> None:
    print(event("error", message=line) if as_json else line, file=sys.stderr)


def _as_utf8(stream: TextIO) -> None:
    """A Chinese office computer's console may be GBK, and a pipe ASCII: never crash on a character."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        encoding = None if stream.isatty() else "utf-8"
        reconfigure(encoding=encoding, errors="replace")


if __name__ == "__main__":
    run()
