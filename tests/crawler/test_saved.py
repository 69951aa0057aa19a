"""Pages from disk: the same snapshot, and nothing said that a file cannot know."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import ArchiveError
from crawler.archived import ArchivedSnapshot
from crawler.page import Role
from crawler.plan import Plan
from crawler.saved import keep, pages_in
from crawler.site import ColumnKind, Site
from crawler.snapshot import NotGathered

AS_OF = datetime.fromisoformat("2026-11-24T09:30:00+08:00")
TEXT = "<p>云岭县人民政府办公室主办，本页公布本县政务信息，欢迎监督。</p>" * 8
ROWS = "".join(f"<li><a href='t{n}.html'>云岭县召开第{n}次会议部署重点工作</a> 2026-11-{n + 10}</li>" for n in range(5))
FILES = {
    "index.html": f"<title>云岭县人民政府</title><a href=xw/index.html>动态</a>{TEXT}",
    "xw/index.html": f"<meta name=ColumnName content=动态要闻><title>动态要闻</title><ul>{ROWS}</ul>",
    "xw/t1.html": f"<meta name=ArticleTitle content=会议>"
    f"<meta name=PubDate content=2026-11-11><title>会议</title>{TEXT}",
    "about.htm": f"<title>概况</title>{TEXT}",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "saved"
    for name, source in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    (root / "logo.png").write_bytes(b"\x89PNG")
    return root


def kept(root: Path, files: list[Path], *, moment_known: bool = False) -> ArchivedSnapshot:
    plan = Plan(as_of=AS_OF, needs=frozenset({"columns", "pages", "links"}))
    return keep(Site(root.as_uri(), "云岭县人民政府"), files, plan, root.parent / "visit", moment_known=moment_known)


def test_pages_of_a_folder(folder: Path) -> None:
    assert [path.relative_to(folder).as_posix() for path in pages_in(folder)] == [
        "about.htm",
        "index.html",
        "xw/index.html",
        "xw/t1.html",
    ]
    assert pages_in(folder / "about.htm") == [folder / "about.htm"]


def test_a_saved_site(folder: Path) -> None:
    snapshot = kept(folder, pages_in(folder))
    assert snapshot.saved
    assert snapshot.home.title == "云岭县人民政府"
    roles = {page.title: page.role for page in snapshot.pages()}
    assert roles == {
        "云岭县人民政府": Role.HOME,
        "动态要闻": Role.COLUMN,
        "会议": Role.ARTICLE,
        "概况": Role.OTHER,
    }
    (column,) = snapshot.columns
    assert (column.name, column.kind, len(column.items)) == ("动态要闻", ColumnKind.NEWS.value, 5)
    assert snapshot.home.source == FILES["index.html"]
    assert snapshot.home.answer.status is None
    assert snapshot.home.answer.failure is None
    assert snapshot.coverage.pages == 4
    assert snapshot.coverage.complete
    snapshot.close()


def test_a_file_says_nothing_of_links_or_of_today(folder: Path) -> None:
    snapshot = kept(folder, pages_in(folder))
    with pytest.raises(NotGathered):
        list(snapshot.links())
    assert all(page.saved for page in snapshot.pages())
    snapshot.close()


def test_unless_the_operator_names_the_moment(folder: Path) -> None:
    snapshot = kept(folder, pages_in(folder), moment_known=True)
    assert not any(page.saved for page in snapshot.pages())
    assert snapshot.saved
    snapshot.close()


def test_a_file_alone_is_no_home_page(folder: Path) -> None:
    snapshot = kept(folder, [folder / "about.htm"])
    with pytest.raises(NotGathered, match="首页"):
        _ = snapshot.home
    assert snapshot.coverage.pages == 1
    snapshot.close()


def test_the_moment_of_a_file_is_its_own(folder: Path) -> None:
    os.utime(folder / "index.html", (1_700_000_000, 1_700_000_000))
    snapshot = kept(folder, [folder / "index.html"])
    assert snapshot.home.answer.at == datetime.fromtimestamp(1_700_000_000, UTC)
    snapshot.close()


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 5000, b"%PDF-1.4", "云岭".encode("utf-16"), b"<html>" + b"\xff" * 9000, b"<" * 100_000],
)
def test_any_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "saved" / "index.html"
    path.parent.mkdir()
    path.write_bytes(content)
    snapshot = kept(path.parent, [path])
    assert snapshot.coverage.pages in (0, 1)
    assert snapshot.coverage.complete == bool(snapshot.coverage.pages)
    snapshot.close()


def test_names_that_are_no_addresses(tmp_path: Path) -> None:
    path = tmp_path / "saved" / "首页 #1?100%.html"
    path.parent.mkdir()
    path.write_text(FILES["about.htm"], encoding="utf-8")
    snapshot = kept(path.parent, [path])
    (page,) = snapshot.pages()
    assert page.source == FILES["about.htm"]
    snapshot.close()


def test_no_files(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    snapshot = kept(tmp_path / "saved", [])
    assert not snapshot.coverage.complete
    assert "没有找到" in str(snapshot.why)
    snapshot.close()


def test_a_file_that_is_gone(folder: Path) -> None:
    with pytest.raises(OSError, match=r"gone\.html"):
        kept(folder, [folder / "gone.html"])


def test_the_same_folder_twice(folder: Path) -> None:
    kept(folder, pages_in(folder)).close()
    again = kept(folder, pages_in(folder))
    assert again.coverage.pages == 4
    assert len(again.columns) == 1
    again.close()


def test_a_folder_that_cannot_be_written(folder: Path) -> None:
    (folder.parent / "visit").write_text("x", encoding="utf-8")
    with pytest.raises(ArchiveError):
        kept(folder, pages_in(folder))


def test_the_navigation_of_a_saved_home_page_names_the_columns(tmp_path: Path) -> None:
    root = tmp_path / "saved"
    menu = "<div class=nav><a href='aa/'>政务动态</a><a href='tzgg/index.html'>通知公告</a></div>"
    pages = {
        # Sorted first, and an index of its own folder: not the home page.
        "aa/index.html": f"<title>政务动态</title>{menu}<ul>{ROWS}</ul>",
        "index.html": f"<title>云岭县人民政府</title>{menu}{TEXT}",
        "tzgg/index.html": f"<title>通知公告</title>{menu}<ul>{ROWS}</ul>",
    }
    for name, source in pages.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source, encoding="utf-8")
    snapshot = kept(root, pages_in(root))
    assert snapshot.home.url == (root / "index.html").resolve().as_uri()
    assert {view.name: view.column.kind for view in snapshot.columns} == {
        "政务动态": ColumnKind.NEWS,
        "通知公告": ColumnKind.NOTICE,
    }
    assert all(len(view.items) == 5 for view in snapshot.columns)
