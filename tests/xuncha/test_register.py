import csv
import io
import random
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from crawler.site import Column, Site, SiteKind
from xuncha import register
from xuncha.register import SiteListError

HEAD = ["网站标识码", "网站名称", "主办单位", "首页网址", "网站类型"]
ROWS = [
    ["5399990001", "云岭县人民政府", "云岭县人民政府办公室", "http://www.yunling.gov.cn/", "政府门户网站"],
    ["bm99990002", "云岭县教育体育局", "云岭县教育体育局", "https://jy.yunling.gov.cn/", "部门网站"],
    ["", "云岭县水务局", "云岭县水务局", "sw.yunling.gov.cn", "部门"],
]
SITES = (
    Site("http://www.yunling.gov.cn/", "云岭县人民政府", "5399990001", "云岭县人民政府办公室", SiteKind.PORTAL),
    Site("https://jy.yunling.gov.cn/", "云岭县教育体育局", "bm99990002", "云岭县教育体育局", SiteKind.DEPARTMENT),
    Site("http://sw.yunling.gov.cn/", "云岭县水务局", "", "云岭县水务局", SiteKind.DEPARTMENT),
)


def csv_text(rows, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


@pytest.fixture
def load(tmp_path):
    """The sites in a file of this content: text, bytes, rows, or sheets of rows."""

    def loaded(content, name="sites.csv", encoding="utf-8"):
        path = tmp_path / name
        if isinstance(content, list):
            content = csv_text(content)
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return register.load(path)

    return loaded


def xlsx(*sheets, hidden=()):
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"表{number}")
        sheet.sheet_state = "hidden" if number in hidden else "visible"
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def told(load, *args, **kwargs):
    with pytest.raises(SiteListError) as caught:
        load(*args, **kwargs)
    line = str(caught.value)
    assert "\n" not in line
    assert "\r" not in line
    return line


# What is read with patience


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(load, encoding, delimiter):
    assert load(csv_text([HEAD, *ROWS], delimiter), encoding=encoding) == SITES


@given(st.permutations(range(7)), st.integers(0, 3), st.booleans(), st.sampled_from(["csv", "xlsx"]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_columns_below_any_titles(load, order, titles, blanks, form):
    table = [["序号", *HEAD, "备注,说明"], *([str(n), *row, '"好";\t'] for n, row in enumerate(ROWS, 1))]
    if blanks:
        table[2:2] = [[""] * 7, ["9", *[" "] * 6]]
    shuffled = [[row[column] for column in order] for row in table]
    rows = [["云岭县政府网站名录（含网站名称、网址）"], [], ["填报时间：2026年11月;"]][:titles] + shuffled

    assert load(xlsx(rows) if form == "xlsx" else rows, f"sites.{form}") == SITES


@pytest.mark.parametrize(
    "heading",
    [
        ["标识码", "网站名称", "主办单位名称", "网址", "类型"],
        ["* 网站标识码（10位）", "网站 名称", "主办\n单位", "首页网址:", "网站类型(门户/部门)"],
        ["网站标识码", "站点名称", "网站主办单位", "网站网址", "网站类别"],
    ],
)
def test_other_headings_in_use(load, heading):
    assert load([heading, *ROWS]) == SITES


def test_the_usual_heading_wins_over_another_in_use(load):
    rows = [["网址", *HEAD], *(["http://old.example.cn/", *row] for row in ROWS)]
    assert load(rows) == SITES


def test_codes_that_excel_holds_as_numbers_keep_ten_digits(load):
    rows = [[int(row[0]) if row[0].isdigit() else row[0], *row[1:]] for row in ROWS]
    assert load(xlsx([HEAD, *rows]), "sites.xlsx") == SITES
    rows[0][0] = float(rows[0][0])
    assert load(xlsx([HEAD, *rows]), "sites.xlsx") == SITES


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (" 5399990001\t", "5399990001"),
        ("５３９９９９０００１", "5399990001"),
        ("BM99990002", "bm99990002"),
        ("\ufeff5399990001", "5399990001"),
    ],
)
def test_codes_as_people_type_them(load, typed, code):
    assert load([HEAD, [typed, *ROWS[0][1:]]])[0].code == code


def test_a_name_broken_over_lines_is_one_name(load):
    [site] = load([HEAD, ["", "云岭县\n教育体育局", "云岭县 \r\n 人民政府", *ROWS[1][3:]]])
    assert (site.name, site.organ) == ("云岭县教育体育局", "云岭县人民政府")


def test_every_visible_sheet_with_headings_is_read(load):
    content = xlsx([["填表说明"]], [HEAD, ROWS[0]], [["部门网站"], HEAD, *ROWS[1:]], [HEAD, ROWS[0]], hidden={4})
    assert load(content, "sites.xlsx") == SITES


def test_a_file_is_what_it_is_whatever_its_name(load):
    assert load(xlsx([HEAD, *ROWS]), "sites.csv") == SITES


def test_a_sheet_with_a_wrong_dimension_is_read_whole(load):
    whole = io.BytesIO(xlsx([["名录"], HEAD, *ROWS]))
    out = io.BytesIO()
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.startswith("xl/worksheets/"):
                assert b'ref="A1:E5"' in data
                data = data.replace(b'ref="A1:E5"', b'ref="A1"')
            target.writestr(name, data)
    assert load(out.getvalue(), "sites.xlsx") == SITES


# What is refused


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (0, "539999001", ["网站标识码“539999001”", "10位数字"]),
        (0, "5.39999E+09", ["网站标识码“5.39999E+09”", "文本"]),
        (0, "bm9999000", ["网站标识码"]),
        (0, "五三九九九九〇〇〇一", ["网站标识码"]),
        (0, "٥٣٩٩٩٩٠٠٠x", ["网站标识码"]),
        (1, "", ["“网站名称”是空的"]),
        (2, "　", ["“主办单位”是空的"]),
        (3, "", ["“首页网址”是空的"]),
        (4, "", ["“网站类型”是空的"]),
        (4, "新媒体", ["网站类型“新媒体”", "门户网站或部门网站"]),
        (3, "暂无", ["首页网址“暂无”", "http://www.yunling.gov.cn/"]),
        (3, "5399990001", ["首页网址“5399990001”"]),
        (3, "http://5399990001/", ["首页网址"]),
        (3, "ftp://www.yunling.gov.cn", ["首页网址"]),
        (3, "http:/www.yunling.gov.cn", ["首页网址"]),
        (3, "http//www.yunling.gov.cn", ["首页网址"]),
        (3, "http:///www.yunling.gov.cn", ["首页网址"]),
        (3, "http://www..yunling.gov.cn", ["首页网址"]),
        (3, "http：//www.yunling.gov.cn", ["首页网址"]),
        (3, "http://a.gov.cn\nhttp://b.gov.cn", ["首页网址“http://a.gov.cn http://b.gov.cn”"]),
        (3, "http://a.gov.cn、http://b.gov.cn", ["首页网址"]),
        (3, "www.yunling.gov.cn（政务外网）", ["首页网址"]),
        (3, "zfb@yunling.gov.cn", ["首页网址"]),
        (3, "http://admin:1@www.yunling.gov.cn/", ["首页网址"]),
        (3, "http://www.yunling.gov.cn:端口/", ["首页网址"]),
        (3, "javascript:alert(1)", ["首页网址"]),
        (3, "=HYPERLINK", ["首页网址"]),
        (3, "x" * 5000, ["首页网址“xxx", "…"]),
    ],
)
def test_a_wrong_cell_is_named_with_its_row(load, column, value, words):
    rows = [list(row) for row in ROWS]
    rows[1][column] = value
    for line in (
        told(load, [["名录"], HEAD, *rows]),
        told(
            load,
            xlsx([["名录"], HEAD, *(["'" + c if c.startswith("=") else c for c in row] for row in rows)]),
            "sites.xlsx",
        ),
    ):
        assert "第4行" in line
        assert all(word in line for word in words if not value.startswith("=")), line
        assert len(line) < 250
    assert told(load, xlsx([HEAD, ["", "", "", "", "部门"]]), "sites.xlsx").startswith("sites.xlsx 工作表“表1”第2行")


def test_what_is_twice_names_both_rows(load):
    other = ["5399990009", "云岭县水务局", "云岭县水务局", "http://sw2.yunling.gov.cn/", "部门"]
    line = told(load, [HEAD, *ROWS, [ROWS[0][0], *other[1:]]])
    assert "第5行：网站标识码 5399990001 与sites.csv 第2行重复" in line
    for again in ("http://jy.yunling.gov.cn", "JY.yunling.gov.cn:80/", "https://jy.yunling.gov.cn/#top"):
        line = told(load, [HEAD, *ROWS, [*other[:3], again, "部门"]])
        assert "第5行：首页网址" in line
        assert "第3行重复" in line
    line = told(load, xlsx([HEAD, *ROWS], [HEAD, ROWS[1]]), "sites.xlsx")
    assert "“表2”第2行" in line
    assert "“表1”第3行" in line


def test_the_first_mistake_is_told_and_the_others_counted(load):
    rows = [["1", *ROWS[0][1:]], [*ROWS[1][:4], "x"], [*ROWS[2][:3], "-", "部门"]]
    line = told(load, [HEAD, *rows])
    assert "第2行" in line
    assert line.endswith("（另有 2 处）")
    assert "另有" not in told(load, [HEAD, *rows[:1]])


def test_a_missing_column_is_named_with_those_that_are_there(load):
    line = told(load, [["名录"], ["网站名称", "首页网址", "备注"], ["云岭县", "www.yunling.gov.cn", ""]])
    assert "第2行" in line
    assert "缺少“网站标识码”“主办单位”“网站类型”列" in line
    assert "网站名称、首页网址、备注" in line


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("", "sites.csv", "没有找到表头"),
        ("\n\n", "sites.csv", "没有找到表头"),
        ("云岭县,www.yunling.gov.cn\n", "sites.csv", "没有找到表头"),
        ("<html><table><tr><td>网站名称</td></tr></table>", "sites.xls", "没有找到表头"),
        (csv_text([HEAD]), "sites.csv", "没有网站"),
        (csv_text([HEAD, [""] * 5, []]), "sites.csv", "没有网站"),
        (xlsx([]), "sites.xlsx", "没有找到表头"),
        (xlsx([HEAD]), "sites.xlsx", "没有网站"),
        (b"not a zip", "sites.xlsx", "不是完好的 XLSX"),
        (b"", "sites.xlsx", "不是完好的 XLSX"),
        (b"PK\x03\x04 broken", "sites.xlsx", "不是完好的 XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "sites.xls", "另存为 .xlsx"),
        (bytes(range(256)) * 4, "sites.csv", "也不是 UTF-8 或 GB18030"),
        (b"\xff\xfe\x00", "sites.csv", "也不是 UTF-8"),
        (csv_text([HEAD, *ROWS]).replace("云岭县人民政府,", '"云岭县人民政府,', 1), "sites.csv", "第2行：引号不配对"),
        (csv_text([HEAD, *ROWS]).replace("云岭县人民政府,", '"云岭县"人民政府,', 1), "sites.csv", "引号不配对"),
        (csv_text([HEAD, ["x" * 200_000, *ROWS[0][1:]]]), "sites.csv", "内容过长"),
    ],
)
def test_a_file_that_is_no_register(load, content, name, words):
    line = told(load, content, name)
    assert words in line
    assert name in line


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(SiteListError, match="找不到网站名录"):
        register.load(tmp_path / "nothing.csv")
    with pytest.raises(SiteListError, match="无法读取"):
        register.load(tmp_path)


def test_a_damaged_workbook_is_one_line_or_the_same_sites(load):
    whole = bytearray(xlsx([HEAD, *ROWS]))
    chance = random.Random(7)  # noqa: S311 - damage that can be repeated
    refused = 0
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 3, 20])):
            damaged[chance.randrange(2, len(damaged))] = chance.randrange(256)
        if chance.random() < 0.3:
            del damaged[chance.randrange(4, len(damaged)) :]
        try:
            assert load(bytes(damaged), "sites.xlsx") == SITES
        except SiteListError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 50


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused_in_one_line(load, content):
    told(load, content)


names = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="\ufeff\u200b"), min_size=1, max_size=8
)


@given(st.lists(st.tuples(names, names), min_size=1, max_size=6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_site_of_a_good_register_is_lost(load, listed):
    rows = [
        [f"53999900{n:02}", name, organ, f"http://s{n}.yunling.gov.cn/", "部门网站"]
        for n, (name, organ) in enumerate(listed)
    ]
    sites = load([HEAD, *rows])
    assert [(site.code, site.name, site.organ) for site in sites] == [tuple(row[:3]) for row in rows]
    assert load(csv_text([HEAD, *rows], "\t"), encoding="gb18030") == sites


# Together with the settings


def test_a_given_site_completes_the_registered_one():
    columns = (Column("通知公告", "https://jy.yunling.gov.cn/tz/", given=True),)
    given = (
        Site("http://jy.yunling.gov.cn", services=False, columns=columns),
        Site("https://www.yunling.gov.cn/", code="5399990001"),
        Site("http://new.yunling.gov.cn/", "云岭县新站"),
    )

    portal, schools, water, new = register.merge(SITES, given)

    assert schools == Site(
        "http://jy.yunling.gov.cn", SITES[1].name, SITES[1].code, SITES[1].organ, SiteKind.DEPARTMENT, False, columns
    )
    assert (portal.url, portal.name) == ("https://www.yunling.gov.cn/", "云岭县人民政府")
    assert (water, new) == (SITES[2], given[2])


def test_sites_without_a_code_are_not_one():
    sites = (Site("http://a.yunling.gov.cn/"), Site("http://b.yunling.gov.cn/"))
    assert register.merge(sites[:1], sites[1:]) == sites
