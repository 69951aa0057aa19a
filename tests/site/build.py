"""Make the pages of xuncha/portal/site from the content beside this file.

    python tests/site/build.py         write them
    python tests/site/build.py --check exit 1 when the committed pages are not what the content makes

The output is the same on every machine: no clock, no random number, no order of a file system in it.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

sys.path.insert(0, str(Path(__file__).parent))
import binaries

HERE = Path(__file__).parent
SITE = HERE.parents[1] / "xuncha" / "portal" / "site"

NAV = [
    ("走进云岭", "zjyl/", []),
    ("机构职能", "jgzn/", []),
    ("领导之窗", "ldzc/", []),
    ("要闻动态", "xwdt/", ["xwdt/ylyw/", "xwdt/bmdt/", "xwdt/xzdt/", "xwdt/ylkx/", "xwdt/dsyw/", "xwdt/mtjj/"]),
    ("通知公告", "tzgg/", []),
    ("公示公告", "gsgg/", []),
    ("政府信息公开", "zfxxgk/", ["ghjh/", "czyjs/", "rsrm/", "sjfb/"]),
    ("政策文件", "zcwj/", ["zcwj/xzf/", "zcwj/xzfb/", "zcwj/hnzc/"]),
    ("政策解读", "zcjd/", []),
    ("办事服务", "bsfw/", []),
    ("互动交流", "hdjl/", ["hdjl/xzxx/", "hdjl/myzj/"]),
    ("专题专栏", "ztzl/", ["ztzl/wmxc/", "ztzl/fxjz2024/"]),
]
# The site map and the channel name one column by its index file, as real ones do: two addresses, one column.
BY_INDEX_FILE = "xwdt/xzdt/"
MAP_ONLY = {
    "政府信息公开": ["zfxxgk/fdzdgknr/xzsyxsf/", "zfxxgk/fdzdgknr/zdxm/", "zfxxgk/fdzdgknr/yjgl/"],
    "要闻动态": [BY_INDEX_FILE + "index.html"],
}


class Site:
    """The content, and the page that stands at each address."""

    def __init__(self) -> None:
        data = tomllib.loads((HERE / "content.toml").read_text(encoding="utf-8"))
        pages = tomllib.loads((HERE / "pages.toml").read_text(encoding="utf-8"))
        self.columns: list[dict[str, Any]] = data["column"]
        self.pages: list[dict[str, Any]] = pages["page"]
        self.guides: list[dict[str, Any]] = pages["guide"]
        self.by_path = {c["path"]: c for c in self.columns}
        self.names = {c["path"]: c["name"] for c in self.columns} | {
            p["path"].removesuffix("index.html"): p["name"] for p in self.pages
        }
        self.jinja = Environment(
            loader=FileSystemLoader(HERE / "templates", encoding="utf-8"),
            autoescape=True,
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )
        self.nav = [
            {"name": name, "path": path, "parts": [{"name": self.names[p], "path": p} for p in parts]}
            for name, path, parts in NAV
        ]
        self.files: dict[str, bytes] = {}

    def build(self) -> dict[str, bytes]:
        for column in self.columns:
            self._column(column)
        for page in self.pages:
            metas = _column_metas(page)
            crumbs = self._crumbs(page["path"].removesuffix("index.html"))
            text = _ours(page["body"].strip())
            self._write(page, page["path"], "page.html", page["name"], metas, crumbs=crumbs, text=text)
        for guide in self.guides:
            self._guide(guide)
        self._home()
        self._map()
        self.files["index.html"] = self.jinja.get_template("shell.html").render().encode()
        self.files |= binaries.files()
        return self.files

    def _column(self, column: dict[str, Any]) -> None:
        items = [_filled(item) for item in column.get("item", [])]
        pages = max((item["page"] for item in items), default=1)
        metas = _column_metas(column)
        crumbs = self._crumbs(column["path"])
        parts = [self._part(column["path"], path) for path in column.get("show", [])]
        for page in range(pages):
            name = f"index_{page}.html" if page else "index.html"
            shown = [item for item in items if item["page"] == page + 1]
            self._write(
                column,
                column["path"] + name,
                "list.html",
                column["name"],
                metas,
                crumbs=crumbs,
                items=shown,
                parts=parts,
                page=page,
                pages=pages,
            )
        for item in items:
            if "file" in item:
                self._write(
                    column,
                    column["path"] + item["file"],
                    "article.html",
                    item["title"],
                    _article_metas(column, item),
                    crumbs=crumbs,
                    item=item,
                    text=_paragraphs(item["text"]),
                )

    def _part(self, at: str, path: str) -> dict[str, Any]:
        """One block of a channel page: a sub-column's name and items, addressed from the channel."""
        column = self.by_path[path]
        items = [_filled(item) for item in column.get("item", [])]
        rows = [item | {"link": path.removeprefix(at) + item["link"]} for item in items if not item["pinned"]]
        href = path.removeprefix(at) + ("index.html" if path == BY_INDEX_FILE else "")
        return {"name": column["name"], "href": href, "items": rows}

    def _guide(self, guide: dict[str, Any]) -> None:
        column = next(p for p in self.pages if p["path"] == "bsfw/index.html")
        item = guide | {"source": "云岭县政务服务中心"}
        self._write(
            column,
            guide["path"],
            "guide.html",
            guide["title"],
            _article_metas(column, item),
            crumbs=self._crumbs("bsfw/"),
            item=guide,
        )

    def _home(self) -> None:
        rows = {}
        for path in ("xwdt/ylyw/", "tzgg/", "zcwj/xzf/", "zcjd/", "hdjl/myzj/"):
            items = [_filled(item) for item in self.by_path[path]["item"]]
            rows[path] = [
                item | {"link": item["link"] if item["link"].startswith("/") else path + item["link"]}
                for item in items
                if not item["pinned"]
            ]
        self._write({"charset": "utf-8"}, "index.html", "home.html", "云岭县人民政府", [], rows=rows)

    def _map(self) -> None:
        page = {"name": "网站地图", "type": "网站地图", "about": "本站栏目一览", "charset": "utf-8"}
        groups = []
        for entry in self.nav:
            if entry["name"] == "机构职能":
                continue
            more = [{"name": self._named(p), "path": p} for p in MAP_ONLY.get(entry["name"], [])]
            listed = [part for part in entry["parts"] if part["path"] + "index.html" not in [m["path"] for m in more]]
            groups.append(entry | {"parts": listed + more})
        self._write(page, "wzdt.html", "sitemap.html", "网站地图", _column_metas(page), groups=groups)

    def _named(self, path: str) -> str:
        return self.names[path.removesuffix("index.html")]

    def _crumbs(self, path: str) -> list[tuple[str, str]]:
        """(name, address) from the top of a path down, for the folders that have a page."""
        steps = path.strip("/").split("/")
        folders = ["/".join(steps[: n + 1]) + "/" for n in range(len(steps))]
        return [(self.names[f], "/ylx/" + f) for f in folders if f in self.names]

    def _write(
        self, where: dict[str, Any], path: str, template: str, title: str, metas: list[tuple[str, str]], **values: Any
    ) -> None:
        gbk = where["charset"] == "gbk"
        text = self.jinja.get_template(template).render(
            base="old.html" if gbk else "new.html",
            title=title,
            metas=metas,
            nav=self.nav,
            column=where,
            **{"crumbs": [], **values},
        )
        body = text.encode("gbk" if gbk else "utf-8")
        self.files["ylx/" + path] = b"\xef\xbb\xbf" + body if where.get("bom") else body


def _filled(item: dict[str, Any]) -> dict[str, Any]:
    """An item with every key the templates touch."""
    date = item.get("date", "")
    day = date[:10]
    chinese = f"{int(day[:4])}年{int(day[5:7])}月{int(day[8:])}日" if day else ""
    paragraphs = [p for p in item.get("text", "").strip().split("\n\n") if p and not p.startswith("<")]
    base = {"date": "", "pinned": False, "page": 1, "image": "", "summary": "", "index": "", "number": "", "asked": ""}
    base["state"] = "已答复"
    return (
        base
        | item
        | {
            "link": item.get("file") or item["href"],
            "day": day,
            "chinese_day": chinese,
            "lead": paragraphs[0][:40] + "……" if paragraphs else "",
        }
    )


def _column_metas(column: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("ColumnName", column["name"]),
        ("ColumnDescription", column["about"]),
        ("ColumnKeywords", f"云岭县,{column['name']}"),
        ("ColumnType", column["type"]),
    ]


def _article_metas(column: dict[str, Any], item: dict[str, Any]) -> list[tuple[str, str]]:
    metas = [
        ("ColumnName", column["name"]),
        ("ColumnType", column["type"]),
        ("ArticleTitle", item["title"]),
        ("PubDate", item.get("date", "")),
        ("ContentSource", item["source"]),
        ("Keywords", f"云岭县,{column['name']}"),
    ]
    blank = item.get("blank", [])
    return [(name, "" if name in blank else text) for name, text in metas if name not in item.get("omit", [])]


def _ours(html: str) -> Markup:
    return Markup(html)  # noqa: S704 - content of this folder, not escaped: it holds links and images


def _paragraphs(text: str) -> Markup:
    parts = [p.strip() for p in text.strip().split("\n\n")]
    return _ours("\n".join(p if p.startswith("<") else f"<p>\u3000\u3000{p}</p>" for p in parts))


def differences(files: dict[str, bytes], folder: Path) -> list[str]:
    """Paths whose committed bytes are not the built ones, missing and left-over files included."""
    there = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return sorted(path for path in files.keys() | there.keys() if files.get(path) != there.get(path))


def main() -> int:
    files = Site().build()
    changed = differences(files, SITE)
    if "--check" in sys.argv:
        sys.stdout.writelines(f"{path}: not what the content makes\n" for path in changed)
        return 1 if changed else 0
    for path in changed:
        target = SITE / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files[path])
        else:
            target.unlink()
    sys.stdout.write(f"{len(files)} files, {sum(map(len, files.values()))} bytes, {len(changed)} changed\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
