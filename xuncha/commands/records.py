"""The commands that show what a visit found: runs, report, evidence, explain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crawler.message import say
from xuncha import orders
from xuncha.help import Command
from xuncha.options import NO_HTML, PATH, data_option, format_option, out_option, settings_option, with_options
from xuncha.outputs import DEFAULT
from xuncha.parameters import Mistake, spoken


@click.command(cls=Command)
@with_options(settings_option, data_option)
def runs(*, settings_file: Path | None, data: Path | None) -> int:
    """列出做过的检查。"""
    from xuncha import summary
    from xuncha.store import Store

    folder = orders.data_folder(orders.load_settings(settings_file), data)
    with Store.open(folder / "xuncha.db", read_only=True) as store:
        found = store.runs.rows()
    summary.show_runs(found)
    return 0


@click.command(cls=Command)
@click.argument("run", metavar="RUN|last")
@with_options(settings_option, format_option, out_option, data_option)
@click.option("--fleet", is_flag=True, help="每个网站一页，另有总览页 index.html；适合一次检查很多网站")
@click.option("--open", "opening", is_flag=True, help="完成后在浏览器中打开报告")
def report(run: str, *, fleet: bool, opening: bool, **options: Any) -> int:  # noqa: ANN401
    """把一次检查重新写成报告。

    RUN 是检查编号或其开头，last 是最近一次；编号见 xuncha runs。
    """
    from xuncha import inspection, summary

    if fleet and options["formats"]:
        raise Mistake(say("--fleet 写的是网页，不能和 --format 同时使用"))
    if opening and not fleet and "html" not in (options["formats"] or DEFAULT):
        raise Mistake(NO_HTML)
    config = orders.load_settings(options["settings_file"])
    if fleet:
        from xuncha import sitepages

        index, sites = sitepages.write(orders.orders(config, options), run)
        click.echo(spoken().text(say("总览：{path}（{n} 个网站，每个一页）", path=str(index), n=sites)))
        if opening:
            summary.open_page(index)
        return 0
    ended = inspection.write_again(orders.orders(config, options), run)
    summary.show_files(ended)
    if opening:
        summary.open_report(ended)
    return 0


@click.command(cls=Command)
@click.argument("finding", metavar="[FINDING]", required=False)
@with_options(
    click.option("--run", metavar="RUN|last", default="last", help="哪一次检查，默认最近一次"),
    click.option("--out", type=PATH, metavar="FILE", help="证据文件，默认 xuncha-evidence-编号.zip"),
    click.option("--verify", type=PATH, metavar="FILE", help="核对一个证据文件，不导出"),
    click.option("--unmasked", is_flag=True, help="泄露个人信息的问题，也收入没有遮盖的原始记录"),
    settings_option,
    data_option,
)
def evidence(finding: str | None, *, run: str, out: Path | None, verify: Path | None, **options: Any) -> int:  # noqa: ANN401
    """把一个问题的全部证据导出为一个 zip 文件。

    FINDING 是问题编号或其开头，见检查报告、附件和 findings.json。
    """
    if (finding is None) == (verify is None):
        raise Mistake(say("请写一个问题编号，或用 --verify 指定要核对的证据文件"))
    text = spoken().text
    if verify is not None:
        from xuncha import seal

        digest, differences = seal.verify(verify)
        for difference in differences:
            click.echo(text(difference), err=True)
        if not differences:
            click.echo(text(say("{path} 完整，与清单一致", path=str(verify))))
        click.echo(text(say("清单 SHA-256：{digest}", digest=digest)))
        return 1 if differences else 0
    from xuncha import evidence as package

    config = orders.load_settings(options.pop("settings_file"))
    path, digest = package.export(
        orders.orders(config, options), run, finding or "", out, unmasked=options.pop("unmasked")
    )
    click.echo(text(say("证据文件：{path}", path=str(path))))
    click.echo(text(say("清单 SHA-256：{digest}", digest=digest)))
    return 0


@click.command(cls=Command)
@click.argument("subject", metavar="[RULE|RUN]", required=False)
@click.argument("site", metavar="[SITE]", required=False)
@with_options(
    click.option("--all", "everything", is_flag=True, help="全部规则，Markdown 格式"), settings_option, data_option
)
def explain(subject: str | None, site: str | None, *, everything: bool, **options: Any) -> int:  # noqa: ANN401
    """说明一条规则，或者一个网站的结论和得分是怎样算出来的。

    RULE 是规则编号：说明查什么、为什么、参数、例、改法、局限。不写时列出全部规则。
    RUN 是检查编号（见 xuncha runs）或 last，SITE 是网站的名称、标识码或网址：逐条列出条款、检查数、问题和扣分。
    """
    if subject is not None and site is not None:
        if everything:
            raise Mistake(say("--all 列出全部规则，不能和检查编号一起使用"))
        from xuncha import explanation

        config = orders.load_settings(options["settings_file"])
        for line in explanation.explain(orders.orders(config, options), subject, site):
            click.echo(line)
        return 0
    from reports import labels
    from reports.handcheck import by_hand
    from rules import all_rules
    from rules.engine import explain as explanations
    from xuncha import outputs

    language = spoken()
    chinese = language.code == "zh"
    known = all_rules()
    if everything:
        click.echo(explanations.all_pages(), nl=False)
    elif subject is None:
        for found in sorted(known.values(), key=lambda r: r.id):
            told = found.doc.splitlines()[0] if chinese else language.text(labels.rule(found.id))
            click.echo(f"{found.id:<{max(map(len, known)) + 2}}{told}")
    elif subject not in known:
        raise Mistake(say("没有规则“{rule}”，可用：{known}", rule=subject, known=tuple(sorted(known))))
    else:
        if not chinese:  # what of the page is in the catalogue; the law that it quotes has one language
            for said in (
                say("{rule}：{name}", rule=subject, name=labels.rule(subject)),
                say("如何改正：{fix}", fix=language.gettext(outputs.fix(subject))),
                say("如何核对：{how}", how=by_hand(subject)),
                say("以下是规则的说明全文和所依据的条款（中文）："),
            ):
                click.echo(language.text(said) + "\n")
        click.echo(explanations.page(known[subject]), nl=False)
    return 0
