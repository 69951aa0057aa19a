"""`xuncha notice`: the documents that the office sends out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from crawler.message import say
from reports.details import Form
from xuncha import orders
from xuncha.help import Command
from xuncha.options import PATH, data_option, settings_option, with_options
from xuncha.parameters import Mistake, Moment, OneOf, refuse, spoken
from xuncha.period import Period

_FORMS = {word: form for form in Form for word in (form.value, form.name.lower())}
"""By their Chinese names, and by English ones."""


class _Span(click.ParamType[Period]):
    """A quarter, a month or a year."""

    name = "period"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return "PERIOD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Period:  # noqa: ARG002
        try:
            return value if isinstance(value, Period) else Period.read(str(value))
        except ValueError as error:
            refuse(param, error.args[0])


@click.command(cls=Command)
@with_options(
    click.option("--period", type=_Span(), help="时期：2026Q4（季度）、2026-11（月）、2026（年，年度报表用）"),
    click.option(
        "--form",
        type=OneOf(tuple(_FORMS)),
        metavar="FORM",
        help="写什么：通报（全部网站）、整改通知书或自查表（一个网站一份）、年度报表",
    ),
    click.option("--draft", is_flag=True, help="初稿：没有复核的问题也写，每页有草稿水印，不登记"),
    click.option("--site", "sites", multiple=True, metavar="SITE", help="只写这个网站：名称、标识码或网址，可以写几次"),
    click.option("--run", metavar="RUN|last", help="只用一次检查，默认用各网站在这一时期的最后一次检查"),
    click.option("--number", metavar="TEXT", help="文号，如 云政办函〔2026〕18号；几份整改通知书从它起依次编号"),
    click.option("--issued", type=Moment(), help="成文日期，默认今天，初稿默认空着"),
    click.option("--due", type=Moment(), help="整改期限，默认按设置的工作日推算"),
    click.option("--out", type=PATH, metavar="DIR", help="文件夹，默认 xuncha-report/notice-时期"),
    click.option("--template", type=PATH, metavar="FILE", help="本单位修改过的文字模板（.docx 或 .toml）"),
    click.option("--template-out", type=PATH, metavar="FILE", help="取出文字模板，供修改，不写通报"),
    click.option("--list", "listed", is_flag=True, help="列出登记的通报和整改通知书"),
    settings_option,
    data_option,
)
def notice(
    *,
    template_out: Path | None,
    listed: bool,
    form: str | None,
    template: Path | None,
    **options: Any,  # noqa: ANN401
) -> int:
    """写通报、整改通知书、自查表、年度报表。

    正式的通报和整改通知书只写经复核确认的问题（见 xuncha review 和 xuncha ledger note），写好后登记在台账中。
    发文机关、主送机关、整改期限的工作日、整改情况报送对象写在设置文件的 [notice] 中。
    """
    if template_out is not None:
        return _template_out(template_out)
    config = orders.load_settings(options.pop("settings_file"))
    if listed:
        return _list(orders.data_folder(config, options["data"]))
    if form is None or (options["period"] is None and options["run"] is None):
        raise Mistake(
            say(
                "请写明 --form（{forms}）和 --period 时期（或 --run 检查编号）",
                forms=tuple(form.value for form in Form),
            )
        )
    from xuncha import issuing

    ready = orders.orders(config, {"data": options["data"]})
    given = {
        "number": options["number"],
        "issued": _day(options["issued"]),
        "due": _day(options["due"]),
        "wording": orders.worded(template) if template is not None else None,
    }
    details = replace(ready.details, **{name: value for name, value in given.items() if value is not None})
    wanted = issuing.Wanted(
        _FORMS[form],
        options["period"],
        run=options["run"],
        draft=options["draft"],
        sites=options["sites"],
        out=options["out"],
    )
    issued = issuing.issue(replace(ready, details=details), wanted)
    text = spoken().text
    for path in issued.files:
        click.echo(text(say("已写：{path}", path=str(path))))
    for one in issued.notices:
        named = len(one.findings)
        if one.due is None:
            click.echo(text(say("已登记：{number}，没有须整改的问题", number=one.number)))
        else:
            click.echo(
                text(
                    say(
                        "已登记：{number}，通报问题 {count} 个，整改期限 {due}",
                        number=one.number,
                        count=named,
                        due=one.due.isoformat(),
                    )
                )
            )
    for remark in issued.remarks:
        click.echo(text(say("注意：{remark}", remark=remark)), err=True)
    return 0


def _day(moment: datetime | None) -> Any:  # noqa: ANN401 - a date or nothing
    return moment.date() if moment is not None else None


def _template_out(path: Path) -> int:
    from reports import wording
    from xuncha import outputs

    suffix = path.suffix.lower()
    if suffix == ".docx":
        from reports import wordfile

        data = wordfile.write(wording.default())
    elif suffix == ".toml":
        data = wording.source().encode("utf-8-sig")  # Notepad then knows what it is
    else:
        raise Mistake(say("--template-out：模板文件应以 .docx 或 .toml 结尾"))
    if path.exists():
        raise Mistake(say("{path} 已经存在；请换一个文件名", path=str(path)))
    try:
        outputs.replace(path, data)
    except OSError as error:
        why = error.strerror or str(error)
        raise Mistake(say("不能写入 {path}（{why}）", path=str(path), why=why)) from error
    click.echo(spoken().text(say("模板：{path}；改好后用 --template 指定", path=str(path))))
    return 0


def _list(data: Path) -> int:
    from xuncha.store import Store

    text = spoken().text
    with Store.open(data / "xuncha.db", read_only=True) as store:
        notices = store.notices.all()
    if not notices:
        click.echo(text(say("还没有登记过通报或整改通知书")))
    for one in notices:
        click.echo(
            text(
                say(
                    "{number} {form} {period} 成文 {issued} 期限 {due} 网站 {sites} 个 问题 {count} 个",
                    number=one.number,
                    form=one.form.value,
                    period=one.period,
                    issued=one.issued.isoformat(),
                    due=one.due.isoformat() if one.due else "—",
                    sites=len(one.sites),
                    count=len(one.findings),
                )
            )
        )
    return 0
