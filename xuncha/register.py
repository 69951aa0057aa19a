"""The register of sites as an office keeps it: a CSV or XLSX table, one site a row, headed as the national one.

What a person typed is read with patience (encoding, delimiter, titles above the headings, order of columns); what could
name the wrong site in a notice is refused, with its row.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from crawler import urls
from crawler.message import Message, say
from crawler.site import Site, SiteKind
from xuncha import workbook

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": ("网站标识码", "标识码", "政府网站标识码"),
    "name": ("网站名称", "站点名称"),
    "organ": ("主办单位", "主办单位名称", "网站主办单位"),
    "url": ("首页网址", "网站首页网址", "网站网址", "网站地址", "首页地址", "网址"),
    "kind": ("网站类型", "类型", "网站类别"),
}
"""Field of Site → its heading, then others in use. All five columns are needed; a code may be blank."""

KINDS: Mapping[str, SiteKind] = {
    "门户网站": SiteKind.PORTAL,
    "政府门户网站": SiteKind.PORTAL,
    "政府门户": SiteKind.PORTAL,
    "门户": SiteKind.PORTAL,
    "部门网站": SiteKind.DEPARTMENT,
    "政府部门网站": SiteKind.DEPARTMENT,
    "部门": SiteKind.DEPARTMENT,
}

_TITLE_ROWS = 50  # the headings stand within these
_CODE = re.compile(r"[0-9]{10}|bm[0-9]{8}")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]+")
_NOT_IN_ADDRESS = re.compile(r"[\s<>\"“”、，；]")


class SiteListError(Exception):
    """The register is wrong: file, sheet, row, what is wrong and what is expected, in one line."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    """Empty for CSV."""
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Entry:
    where: Message
    site: Site


def load(path: Path) -> tuple[Site, ...]:
    """The sites of the register, in its order. Raises SiteListError: the first mistake, and how many more there are."""
    file = path.name
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SiteListError(say("找不到网站名录 {path}", path=str(path))) from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise SiteListError(say("无法读取网站名录 {path}（{detail}）", path=str(path), detail=detail)) from error
    entries: list[_Entry] = []
    problems: list[Message] = []
    for sheet, number, columns in _tables(file, _sheets(path, data)):
        for row, cells in enumerate(sheet.rows[number:], start=number + 1):
            values = {field: cells[column] if column < len(cells) else "" for field, column in columns.items()}
            if not any(values.values()):
                continue
            where = _where(file, sheet.name, row)
            try:
                entries.append(_Entry(where, _site(where, values)))
            except SiteListError as error:
                problems.append(error.message)
    problems += _twice(entries)
    if problems:
        first, more = problems[0], len(problems) - 1
        raise SiteListError(say("{first}（另有 {count} 处）", first=first, count=more) if more else first)
    if not entries:
        raise SiteListError(say("{file} 中没有网站：表头下面没有内容", file=file))
    return tuple(entry.site for entry in entries)


def merge(registered: Iterable[Site], given: Iterable[Site]) -> tuple[Site, ...]:
    """The registered sites, then the others. A given site with the code or home address of a registered one completes
    and corrects it: what is given wins, what is not given stays."""
    sites = list(registered)
    at = {mark: number for number, site in enumerate(sites) for mark in marks(site)}
    for site in given:
        number = next((at[mark] for mark in marks(site) if mark in at), None)
        if number is None:
            sites.append(site)
        else:
            told = {f.name: getattr(site, f.name) for f in fields(Site) if getattr(site, f.name) != f.default}
            sites[number] = replace(sites[number], **told)
    return tuple(sites)


def marks(site: Site) -> tuple[str, ...]:
    """What tells a site from others: its code, where it has one, and its home address without the scheme."""
    address = (urls.normalize(site.url) or site.url).partition("://")[2].rstrip("/")
    return (site.code, address) if site.code else (address,)


def site_code(text: str) -> str:
    """网站标识码 in its usual form: full-width digits and BM in capitals are mended. Raises ValueError."""
    code = unicodedata.normalize("NFKC", text).strip().lower()
    if not _CODE.fullmatch(code):
        raise ValueError(text)
    return code


def home_address(text: str) -> str:
    """An http or https address as it is asked; without a scheme it is taken for http. Raises ValueError."""
    address = text.strip()
    bare = "://" not in address
    if bare:
        address = "http://" + address.removeprefix("//")
    url, typed = urls.normalize(address), address.split("/")[2]
    if url is None or not typed or "@" in typed or _NOT_IN_ADDRESS.search(address):
        raise ValueError(text)
    host = urls.host(url)
    if not _HOST.fullmatch(host) or (bare and "." not in typed):  # 暂无, http//host, a site code
        raise ValueError(text)
    if host[-1].isdigit() and host not in typed:  # a number that a browser would read as an IP address
        raise ValueError(text)
    return url


def _site(where: Message, values: Mapping[str, str]) -> Site:
    for field in ("name", "organ", "url", "kind"):
        if not values[field]:
            raise SiteListError(
                say(
                    "{where}：“{column}”是空的，应填写（合并的单元格请先取消合并并逐行填写）",
                    where=where,
                    column=HEADINGS[field][0],
                )
            )
    try:
        code = site_code(values["code"]) if values["code"] else ""
    except ValueError as error:
        raise SiteListError(
            say(
                "{where}：网站标识码“{code}”不对，应为10位数字，或bm加8位数字（在Excel中请把该列设为文本）",
                where=where,
                code=_short(values["code"]),
            )
        ) from error
    try:
        url = home_address(values["url"])
    except ValueError as error:
        raise SiteListError(
            say(
                "{where}：首页网址“{url}”不对，应为一个网址，如 http://www.yunling.gov.cn/",
                where=where,
                url=_short(values["url"]),
            )
        ) from error
    kind = KINDS.get(_heading(values["kind"]))
    if kind is None:
        raise SiteListError(
            say("{where}：网站类型“{kind}”不对，应为门户网站或部门网站", where=where, kind=_short(values["kind"]))
        )
    return Site(url=url, name=_joined(values["name"]), code=code, organ=_joined(values["organ"]), kind=kind)


def _twice(entries: Sequence[_Entry]) -> Iterator[Message]:
    seen: dict[str, Message] = {}
    for entry in entries:
        for mark in marks(entry.site):
            first = seen.setdefault(mark, entry.where)
            if first is not entry.where:
                yield (
                    say("{where}：网站标识码 {code} 与{first}重复", where=entry.where, code=mark, first=first)
                    if mark == entry.site.code
                    else say(
                        "{where}：首页网址 {url} 与{first}重复", where=entry.where, url=entry.site.url, first=first
                    )
                )
                break


# Headings


def _tables(file: str, sheets: Sequence[_Sheet]) -> list[tuple[_Sheet, int, dict[str, int]]]:
    """Each sheet that has headings, the number of its first row below them, and the column of each field."""
    tables = []
    for sheet in sheets:
        found = _find(sheet.rows)
        if found is None:
            continue
        row, columns = found
        missing = [HEADINGS[field][0] for field in HEADINGS if field not in columns]
        if missing:
            raise SiteListError(
                say(
                    "{where}：表头缺少“{missing}”列，现有：{known}",
                    where=_where(file, sheet.name, row),
                    missing="”“".join(missing),
                    known=tuple(_short(cell) for cell in sheet.rows[row - 1] if cell),
                )
            )
        tables.append((sheet, row, columns))
    if not tables:
        raise SiteListError(
            say(
                "{file} 中没有找到表头，应有一行列出：{headings}",
                file=file,
                headings=tuple(h[0] for h in HEADINGS.values()),
            )
        )
    return tables


def _find(rows: Iterable[Sequence[str]]) -> tuple[int, dict[str, int]] | None:
    """The row that holds the headings, from 1, and the columns of the fields, from 0."""
    for number, cells in enumerate(rows, start=1):
        if number > _TITLE_ROWS:
            break
        headings = [_heading(cell) for cell in cells]
        columns = {}
        for field, names in HEADINGS.items():
            name = next((name for name in names if name in headings), None)
            if name is not None:
                columns[field] = headings.index(name)
        if "url" in columns and "name" in columns:
            return number, columns
    return None


def _heading(cell: str) -> str:
    """Without spaces, marks of a compulsory column and remarks in brackets: `* 网站标识码（10位）`."""
    text = re.sub(r"[\s*:]", "", unicodedata.normalize("NFKC", cell))
    return re.sub(r"\(.*\)$", "", text)


# Files


def _sheets(path: Path, data: bytes) -> Sequence[_Sheet]:
    """By what the file is, not by its name."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SiteListError(
            say("{file} 是旧版（.xls）或加密的 Excel 文件，请在 Excel 中另存为 .xlsx 或 CSV", file=path.name)
        )
    if data.startswith(b"PK"):
        return _xlsx(path.name, data)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise SiteListError(say("{file} 不是完好的 XLSX 文件，请在 Excel 中重新保存", file=path.name))
    return [_csv(path.name, _decoded(path.name, data))]


def _xlsx(file: str, data: bytes) -> list[_Sheet]:
    try:
        return [_Sheet(name, rows) for name, rows in workbook.visible(data)]
    except workbook.DamagedError as error:
        raise SiteListError(
            say("{file} 不是完好的 XLSX 文件（{detail}），请在 Excel 中重新保存", file=file, detail=str(error))
        ) from error


def _decoded(file: str, data: bytes) -> str:
    # UTF-16 is Excel's "Unicode text".
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SiteListError(
        say("{file} 不是 XLSX，也不是 UTF-8 或 GB18030 编码的 CSV，请在 Excel 中另存为 .xlsx", file=file)
    )


def _csv(file: str, text: str) -> _Sheet:
    """The delimiter is the one with which headings are found."""
    for delimiter in ",;\t":
        try:
            if _find(_records(text, delimiter)) is None:
                continue
        except csv.Error:
            continue
        rows: list[tuple[str, ...]] = []
        try:
            rows.extend(tuple(map(workbook.cell, record)) for record in _records(text, delimiter))
        except csv.Error as error:
            # Read loosely, an open quotation mark would swallow the sites after it.
            raise SiteListError(
                say(
                    "{where}：引号不配对，或内容过长，请在 Excel 中检查后重新保存",
                    where=_where(file, "", len(rows) + 1),
                )
            ) from error
        return _Sheet("", rows)
    return _Sheet("", ())


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _joined(text: str) -> str:
    """A name broken over lines in its cell is one name."""
    return " ".join(re.sub(r"\s*[\r\n]+\s*", "", text).split())


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"


def _where(file: str, sheet: str, row: int) -> Message:
    if sheet:
        return say("{file} 工作表“{sheet}”第{row}行", file=file, sheet=sheet, row=row)
    return say("{file} 第{row}行", file=file, row=row)
