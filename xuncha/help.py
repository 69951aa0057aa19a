"""Help pages and complaints of the command line, in the reader's language and within the width of the terminal.

click measures text in characters and breaks it at spaces; Chinese has none, and its characters are two columns wide.
The texts keep their own line breaks: one sentence a line.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from unicodedata import east_asian_width

import click

from crawler.message import Message, say
from xuncha.parameters import Mistake, spoken

_HEADINGS = {"Options": say("选项"), "Commands": say("命令")}
_USAGE = {"[OPTIONS]": say("[选项]"), "COMMAND [ARGS]...": say("命令 [参数]...")}
_TERM = 28  # columns for options and their values; a longer one has a line of its own
_CLOSING = frozenset("，。；：、！？）》】”’…,.;:!?)]")  # never the first of a line
_OPENING = frozenset("（《【“‘([")  # never the last


class Formatter(click.HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        text = spoken().text
        for english, said in _USAGE.items():
            args = args.replace(english, text(said))
        self.write(f"{prefix or text(say('用法：'))}{spoken().gap}{prog} {args}\n")

    def write_heading(self, heading: str) -> None:
        said = _HEADINGS.get(heading)
        self.write(f"{spoken().say('{heading}：', heading=spoken().text(said) if said else heading)}\n")

    def write_text(self, text: str) -> None:
        indent = " " * self.current_indent
        for line in text.splitlines():
            self.write("".join(f"{indent}{part}\n" for part in wrap(line, self.width - len(indent))) or "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = _TERM, col_spacing: int = 2) -> None:
        rows = list(rows)
        start = min(max(len(term) for term, _ in rows), col_max) + self.current_indent + col_spacing
        for term, said in rows:
            head = " " * self.current_indent + term
            lines = list(wrap(spoken().gettext(said), self.width - start))
            beside = len(head) + col_spacing <= start
            first = f"{head:<{start}}{lines.pop(0)}" if beside and lines else head
            self.write("".join(f"{line}\n" for line in (first, *(" " * start + line for line in lines))))


class Context(click.Context):
    formatter_class = Formatter


class _Said(click.Command):
    """Help that is looked up in the catalogue when it is shown."""

    context_class = Context

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(self._said())

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 - never cut: the formatter wraps it
        return self._said().partition("\n")[0]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = spoken().say("显示帮助")
        return option

    def _said(self) -> str:
        return spoken().gettext(inspect.cleandoc(self.help or ""))


class Command(_Said):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        rest = super().parse_args(ctx, args)
        if rest:
            raise Mistake(say("{command}：多余的参数“{args}”", command=ctx.command_path, args=" ".join(rest)))
        return rest


class Group(_Said, click.Group):
    command_class = Command
    group_class = type  # groups within are made like this one


def width(text: str) -> int:
    """Columns on a terminal. What is ambiguous (“ ”) counts as wide: better a short line than a long one."""
    return sum(2 if east_asian_width(c) in "WFA" else 1 for c in text)


def wrap(text: str, columns: int) -> Iterator[str]:
    """`text` in lines of at most `columns`, broken at spaces and between Chinese characters."""
    line = ""
    for piece in _pieces(text):
        if line and width(line + piece.rstrip()) > columns:
            yield line.rstrip()
            line = ""
        line += piece
    if line.strip():
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """What must stay together, with the spaces after it."""
    piece = ""
    for c in text:
        if piece and c != " " and c not in _CLOSING and piece[-1] not in _OPENING:
            wide = width(c) == 2 or (width(piece[-1]) == 2)
            if wide or piece[-1] == " ":
                yield piece
                piece = ""
        piece += c
    if piece:
        yield piece


def complaint(error: click.ClickException) -> str:
    """click's complaint as one line in the reader's language."""
    if isinstance(error, Mistake):
        return error.message
    said: Message | None = None
    if isinstance(error, click.NoSuchOption):
        said = _unknown(say("没有选项 {name}", name=error.option_name), error.possibilities)
    elif isinstance(error, click.NoSuchCommand):
        said = _unknown(say("没有命令 {name}", name=error.command_name), error.possibilities)
    elif isinstance(error, click.MissingParameter) and error.param is not None:
        option = isinstance(error.param, click.Option)
        said = say("缺少参数 {name}", name=error.param.opts[-1] if option else error.param.human_readable_name)
    elif isinstance(error, click.BadOptionUsage):
        said = (
            say("选项 {name} 后面缺少值", name=error.option_name)
            if "requires" in error.message
            else say("选项 {name} 后面不能写值", name=error.option_name)
        )
    return spoken().text(said or say("命令行有误：{why}", why=error.format_message()))


def _unknown(said: Message, close: Sequence[str] | None) -> Message:
    if not close:
        return say("{what}；xuncha --help 列出可用的", what=said)
    return say("{what}，是不是 {close}？", what=said, close=tuple(close))
