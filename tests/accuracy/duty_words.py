# ruff: noqa: E501 - markup reads best as it is
"""What the pages about duties say, and how it is marked up: messages, guides, yearly reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

Letter = tuple[str, str, date, date | None, str]
"""Title, path, asked, answered, state."""


def mail_table(rows: Sequence[Letter]) -> str:
    body = "".join(
        f'<tr><td>{n}</td><td><a href="{p}">{t}</a></td><td>{a}</td><td>{b or ""}</td><td>{s}</td></tr>'
        for n, (t, p, a, b, s) in enumerate(rows)
    )
    return (
        f"<table><tr><th>序号</th><th>来信标题</th><th>来信时间</th><th>回复时间</th><th>状态</th></tr>{body}</table>"
    )


def mail_state_first(rows: Sequence[Letter]) -> str:
    body = "".join(
        f'<tr><td>【{s}】</td><td><a href="{p}" title="{t}">{t[:8]}…</a></td><td>县政府办</td><td>{a:%Y/%m/%d}</td></tr>'
        for t, p, a, _, s in rows
    )
    return f"<table border=1><thead><tr><th>办理状态</th><th>主题</th><th>受理单位</th><th>提交时间</th></tr></thead><tbody>{body}</tbody></table>"


def mail_old(rows: Sequence[Letter]) -> str:
    body = "".join(
        f"<TR><TD><A href={p}>{t}</A></TD><TD>{a.year}年{a.month}月{a.day}日</TD><TD>{f'{b.year}年{b.month}月{b.day}日' if b else '-'}</TD><TD><FONT color=red>{s}</FONT></TD></TR>"
        for t, p, a, b, s in rows
    )
    return (
        f"<TABLE width=98%><TR><TD>信件标题</TD><TD>写信日期</TD><TD>答复日期</TD><TD>处理状态</TD></TR>{body}</TABLE>"
    )


def mail_labels(rows: Sequence[Letter]) -> str:
    body = "".join(
        f'<li><a href="{p}">{t}</a><p><span>留言时间：{a} 10:12</span><span>状态：{s}</span>'
        + (f"<span>回复时间：{b} 09:00</span>" if b else "")
        + "</p></li>"
        for t, p, a, b, s in rows
    )
    return f'<ul class="ly">{body}</ul>'


def mail_spans(rows: Sequence[Letter]) -> str:
    body = "".join(f'<li><em>[{s}]</em><a href="{p}">{t}</a><span>{a}</span></li>' for t, p, a, _, s in rows)
    return f'<ul class="list">{body}</ul>'


def mail_cards(rows: Sequence[Letter]) -> str:
    return "".join(
        f'<div class="item"><div class="tit"><a href="{p}">{t}</a></div><div class="zt">{s}</div><div class="sj">提交时间：{a}</div></div>'
        for t, p, a, _, s in rows
    )


def mail_dl(rows: Sequence[Letter]) -> str:
    return "".join(
        f'<dl><dt><a href="{p}">{t}</a></dt><dd>{s}</dd><dd>来信日期：{a}</dd></dl>' for t, p, a, _, s in rows
    )


def mail_no_heads(rows: Sequence[Letter]) -> str:
    body = "".join(f'<tr><td><a href="{p}">{t}</a></td><td>{a}</td><td>{s}</td></tr>' for t, p, a, _, s in rows)
    return f'<table class="xj">{body}</table>'


LETTERS: tuple[Callable[[Sequence[Letter]], str], ...] = (
    mail_table, mail_state_first, mail_old, mail_labels, mail_spans, mail_cards, mail_dl, mail_no_heads,
)  # fmt: skip

# ---------------------------------------------------------------- guides

SERVICES = (
    "残疾人证办理", "老年人优待证办理", "农村危房改造补助申请", "个体工商户设立登记", "不动产转移登记", "公共场所卫生许可证核发", "再生育审批",
    "城乡居民养老保险缴费", "灵活就业人员社保补贴申领", "林木采伐许可证核发", "户口迁移办理", "机动车驾驶证换发", "生育津贴申领", "临时救助申请",
)  # fmt: skip

ELEMENTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "item": (("事项名称", "服务事项", "事项名称"), "本事项"),
    "basis": (("设定依据", "办理依据", "法律依据", "政策依据"), "见目录"),
    "conditions": (("申请条件", "受理条件", "服务对象", "办理条件"), "本县居民"),
    "materials": (("办理材料", "申请材料", "所需材料", "申报材料"), "材料"),
    "place": (("办理地点", "受理地点", "办理地址", "受理窗口"), "云溪街道"),
    "hours": (("办理时间", "办公时间", "承诺办结时限", "受理时间"), "每周一至周五"),
    "phone": (("联系电话", "咨询电话", "咨询方式", "服务电话"), "见一楼公示栏"),
    "process": (("办理流程", "办理程序", "办事流程", "申请程序"), "一次办好"),
}
"""Key → names that it goes by, and a text that speaks of no other element."""
EXACT = (
    "1.居民身份证；2.近期免冠照片2张",
    "居民户口簿原件",
    "1.二等、三等功证书；2.高等学校毕业证书",
    "《登记表》一式两份",
)
VAGUE = (
    "1.居民身份证；2.其他有关材料",
    "身份证、户口簿等材料",
    "居民身份证、照片等。",
    "相关手续一份",
    "法律法规规定需要提供的其他材料",
)


def guide_table(rows: Sequence[tuple[str, str]]) -> str:
    return "<table border=1>" + "".join(f"<tr><th>{k}</th><td>{v}</td></tr>" for k, v in rows) + "</table>"


def guide_heads(rows: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<h3>{k}</h3><p>{v}</p>" for k, v in rows)


def guide_numbered(rows: Sequence[tuple[str, str]]) -> str:
    return "".join(
        f"<p><strong>{n}、{k}</strong></p><p>{v}</p>" for n, (k, v) in zip("一二三四五六七八", rows, strict=False)
    )


def guide_inline(rows: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<p>{k}：{v}</p>" for k, v in rows)


def guide_breaks(rows: Sequence[tuple[str, str]]) -> str:
    return (
        "<div>"
        + "<br>".join(f"（{n}）{k}<br>　　{v}" for n, (k, v) in zip("一二三四五六七八", rows, strict=False))
        + "</div>"
    )


def guide_list(rows: Sequence[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>【{k}】</dt><dd>{v}</dd>" for k, v in rows) + "</dl>"


def guide_nested(rows: Sequence[tuple[str, str]]) -> str:
    inner = "".join(f"<TR><TD width=20%><B>{k}</B></TD><TD>{v}</TD></TR>" for k, v in rows)
    return f"<TABLE><TR><TD><TABLE>{inner}</TABLE></TD></TR></TABLE>"


def guide_tabs(rows: Sequence[tuple[str, str]]) -> str:
    heads = "".join(f"<li>{k}</li>" for k, _ in rows)
    return f"<ul class=tab>{heads}</ul>" + "".join(f"<div class=con><h4>{k}</h4><p>{v}</p></div>" for k, v in rows)


GUIDES: tuple[Callable[[Sequence[tuple[str, str]]], str], ...] = (
    guide_table, guide_heads, guide_numbered, guide_inline, guide_breaks, guide_list, guide_nested, guide_tabs,
)  # fmt: skip

# ---------------------------------------------------------------- yearly reports

PARTS: Mapping[str, tuple[str, str]] = {
    "general": ("总体情况", "总体工作情况"),
    "active": ("主动公开政府信息情况", "政府信息主动公开情况"),
    "applications": ("收到和处理政府信息公开申请情况", "依申请公开情况"),
    "litigation": ("政府信息公开行政复议、行政诉讼情况", "因政府信息公开被申请行政复议、提起行政诉讼情况"),
    "problems": ("存在的主要问题及改进情况", "存在的不足和改进措施"),
    "others": ("其他需要报告的事项", "需要报告的其他事项"),
}
_PEOPLE = "<tr><td></td><td>自然人</td><td>商业企业</td><td>科研机构</td><td>社会公益组织</td><td>法律服务机构</td><td>其他</td><td>总计</td></tr>"
_ROWS = "".join(
    f"<tr><td>{name}</td>{''.join(f'<td>{n}</td>' for n in (a, b, 0, 0, 0, 0, a + b))}</tr>"
    for name, a, b in (
        ("一、本年新收政府信息公开申请数量", 7, 2),
        ("二、上年结转政府信息公开申请数量", 1, 0),
        ("三、本年度办理结果（七）总计", 8, 1),
        ("四、结转下年度继续办理", 0, 1),
    )
)
TABLES: Mapping[str, str] = {
    "table-active": "<table><tr><td colspan=4>第二十条第（一）项</td></tr><tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr><tr><td>规范性文件</td><td>4</td><td>1</td><td>31</td></tr></table>",
    "table-applications": f"<table>{_PEOPLE}{_ROWS}</table>",
    "table-litigation": "<table><tr>"
    + "<td>结果维持</td><td>结果纠正</td><td>其他结果</td><td>尚未审结</td><td>总计</td>" * 3
    + "</tr><tr>"
    + "<td>1</td><td>0</td><td>0</td><td>0</td><td>1</td>" * 3
    + "</tr></table>",
}
NAMES: Mapping[str, str] = {
    **{key: names[0] for key, names in PARTS.items()},
    "table-active": "主动公开情况统计表（条例第二十条）",
    "table-applications": "收到和处理申请情况统计表",
    "table-litigation": "行政复议、行政诉讼情况统计表",
}
"""Key of a part or table → what a finding calls it."""


def numerals(year: int) -> str:
    return str(year).translate(str.maketrans("0123456789", "〇一二三四五六七八九"))


# ---------------------------------------------------------------- the guide to disclosure

ARTICLE_12: Mapping[str, tuple[str, ...]] = {
    "政府信息的分类": ("本机关的政府信息按主题分类。", "公开内容包括机构职能和政策文件。"),
    "编排体系": ("信息用索引号编排。", "编排方式为一事一号。"),
    "获取方式": ("公众可以在档案馆查阅。", "获取途径有三种。"),
    "工作机构的名称": ("工作机构为办公室。", "受理机构：综合股。"),
    "办公地址": ("办公地址在滨河大道。", "地址：学府路。"),
    "办公时间": ("办公时间为周一至周五。", "受理时间：8:30至12:00。"),
    "联系电话": ("联系电话0000-1234567。", "电话：0000-7654321。"),
    "传真号码": ("传真：0000一1。", "传真号见门牌。"),
    "互联网联系方式": ("电子邮箱 gk@yunling.gov.cn。", "可以在线申请。"),
}
"""What a finding calls an element → ways to say it, that say nothing of another."""
