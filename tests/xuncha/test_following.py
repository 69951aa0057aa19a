"""What is done when a run of the schedule is done, and which of the sites it inspects."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crawler.message import say
from crawler.site import Site
from xuncha import tasks
from xuncha.parameters import Interrupted, Mistake
from xuncha.settings import RetentionSettings, ScheduleSettings, Settings
from xuncha.store import Store
from xuncha.tasks import Done, Errand
from xuncha.turns import Task

DATA = Path("xuncha-data")
LINE = """
[run]
rate = 0
[retention]
days = 365
records = 365
backups = "备份"
[notice]
office = "云岭县人民政府办公室"
[[schedule]]
name = "抽查"
cron = "30 2 * * 1"
formats = ["json"]
sample = "50%"
renew = true
after = ["review", "recheck", "notice", "backup", "prune"]
"""


def turns(run: str) -> list[tuple[str, str]]:
    with Store.open(DATA / "xuncha.db", read_only=True) as store:
        return [(task.value, state.value) for task, state in store.turns.of_run(run)]


def test_some_sites_are_drawn_and_all_follows_in_its_order(xuncha: Any, webs: Any) -> None:
    sites = []
    for n in range(2):
        web = webs()
        web.sound()
        web.say("/c1/a17.html", 404)
        sites.append(f'[[site]]\nurl = "{web.url}"\nname = "网站{n}"\n')
    xuncha.write("县里/xuncha.toml", LINE + "".join(sites))
    said = xuncha("watch", "--once", "抽查", "--settings", "县里/xuncha.toml")
    assert said.code == 1, said.err
    with Store.open(DATA / "xuncha.db", read_only=True) as store:
        again, run = store.runs.rows()
        [sample] = store.samples.all()
        assert [site.url for site in store.runs.sites(run.id)] == list(sample.drawn)
        assert (len(sample.drawn), sample.population, sample.renewed) == (1, 2, True)
        assert store.runs.of_sample(sample.id) == (run.id,)
        assert (again.scope, store.runs.options(again.id)["follows"]) == ("recheck", run.id)
        newest = store.runs.newest_of("抽查")
        assert newest is not None
        assert newest.id == run.id
    assert turns(run.id) == [(t, "done") for t in ("audit", "review", "recheck", "notice", "backup", "prune")]
    out = Path("xuncha-report/抽查")
    assert {path.name for path in (out / run.id).iterdir()} == {"findings.json", "annex.xlsx", "evidence"}
    assert openpyxl.load_workbook(out / run.id / "annex.xlsx").sheetnames
    assert {path.name for path in (out / again.id).iterdir()} == {"recheck.json", "recheck.xlsx"}
    assert json.loads((out / again.id / "recheck.json").read_text("utf-8"))["findings"]
    assert list(Path("xuncha-report").glob("notice-*/*.docx"))
    [copy] = Path("县里/备份").iterdir()
    with zipfile.ZipFile(copy) as packed:
        assert "xuncha.db" in packed.namelist()
    told = said.out.splitlines()
    order = [
        next(i for i, line in enumerate(told) if word in line) for word in ("问题清单", "复查完毕", "初稿", "备份了")
    ]
    assert order == sorted(order)
    assert "已删除 0 个检查的证据" in told[-1]
    assert "已删除 0 次首页监测" in told[-1]


def test_the_list_of_the_newest_inspection_is_exported_on_its_own_line_too(xuncha: Any, web: Any) -> None:
    web.sound()
    web.say("/c1/a17.html", 404)
    line = '[[schedule]]\nname = "清单"\ntask = "review"\ncron = "0 9 * * 1"\nout = "复核"\n'
    xuncha.write("xuncha.toml", f'{line}[[site]]\nurl = "{web.url}"\n')
    assert "先运行一次审查" in xuncha("watch", "--once", "清单").line
    assert xuncha("audit", "--rate", 0, "--out", "out", "--format", "json").code == 1
    assert xuncha("watch", "--once", "清单").code == 0
    assert Path("复核/annex.xlsx").exists()


# What is left


class Office:
    """Tasks that only write down that they were done; those in `fails` do something else."""

    def __init__(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self.fails: dict[Task, BaseException] = {}
        self.site = Site("http://www.yunling.gov.cn/", "云岭县人民政府")
        self.line = ScheduleSettings("每日", after=(Task.NOTICE, Task.RECHECK, Task.BACKUP))
        retention = RetentionSettings(backups=here)
        self.errand = Errand(
            Settings(sites=(self.site,), schedule=(self.line,), retention=retention), self.line, DATA, {}, _silent
        )
        monkeypatch.setattr(tasks, "_TASKS", dict.fromkeys(Task, self._task))

    def _task(self, errand: Errand) -> Done:
        task, run = errand.line.task, errand.parked
        if run is None and task in (Task.AUDIT, Task.RECHECK):
            asked, _ = tasks.prepared(errand.config, errand.line, {"data": DATA})
            asked, made = tasks.numbered(tasks.replace(asked, follows=errand.follows))
            made, run = tasks.replace(made, scope="recheck" if task is Task.RECHECK else "quick"), made.id
            with Store.open(DATA / "xuncha.db") as store:
                store.runs.start(made, [self.site], options=tasks.inspection.stored(asked, ()))
        self.done.append(f"{task.value}{' again' if errand.parked else ''}")
        if task in self.fails:
            raise self.fails.pop(task)
        if run is not None:
            with Store.open(DATA / "xuncha.db") as store:
                store.runs.finish(run, store.runs.get(run).started)
        return Done(say("-"), 0, run)

    def once(self) -> None:
        config = self.errand.config
        for _ in tasks.once(config, DATA, "每日", {}, _silent):
            pass

    def goes_on(self) -> list[Task]:
        """As a watch does at its start."""
        with Store.open(DATA / "xuncha.db", read_only=True) as store:
            newest = store.runs.newest_of("每日")
        assert newest is not None
        rest = tasks.left(DATA, newest.id)
        if rest.itself:
            tasks.carry_out(tasks.replace(self.errand, parked=newest.id))
        for task in rest.after:
            tasks.carry_out(tasks.following(self.errand, task, newest.id))
        assert not tasks.left(DATA, newest.id)
        return list(rest.after)


def _silent(*_: object, **__: object) -> None:
    pass


@pytest.fixture
def office(here: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(here, monkeypatch)


def test_nothing_is_left_of_what_is_done(office: Office) -> None:
    office.once()
    assert office.goes_on() == []
    assert office.done == ["audit", "notice", "recheck", "backup"]


@pytest.mark.parametrize(
    ("stopped", "then"),
    [
        (Task.AUDIT, ["audit again", "notice", "recheck", "backup"]),
        (Task.NOTICE, ["notice", "recheck", "backup"]),
        (Task.RECHECK, ["recheck again", "backup"]),
        (Task.BACKUP, ["backup"]),
    ],
)
def test_what_was_stopped_is_gone_on_with_there(office: Office, stopped: Task, then: list[str]) -> None:
    office.fails[stopped] = Interrupted(say("已中断"))
    with pytest.raises(Interrupted):
        office.once()
    office.done.clear()
    office.goes_on()
    assert office.done == then


def test_what_failed_is_not_tried_again_and_again(office: Office) -> None:
    office.fails[Task.NOTICE] = Mistake(say("没有检查过网站"))
    with pytest.raises(Mistake):
        office.once()
    assert office.goes_on() == [Task.RECHECK, Task.BACKUP]


def test_a_run_that_was_killed_before_it_was_noted_gets_its_documents(office: Office) -> None:
    office.once()
    with closing(sqlite3.connect(DATA / "xuncha.db")) as db, db:
        db.execute("DELETE FROM turns WHERE task IN ('audit', 'backup')")
    office.done.clear()
    assert office.goes_on() == [Task.BACKUP]
    assert office.done == ["audit again", "backup"]


def test_a_run_of_an_earlier_version_owes_nothing(office: Office) -> None:
    office.once()
    with closing(sqlite3.connect(DATA / "xuncha.db")) as db, db:
        db.execute("DELETE FROM turns")
        db.execute("UPDATE runs SET options = json_remove(options, '$.after', '$.follows')")
        [(run,)] = db.execute("SELECT id FROM runs WHERE scope <> 'recheck'").fetchall()
        assert not tasks.left(DATA, run)
        db.execute("UPDATE runs SET finished = NULL")
        db.commit()
        assert tasks.left(DATA, run).itself
