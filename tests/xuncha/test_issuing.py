"""Notices of a period, from the store to the file and into the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document

from crawler.message import say
from crawler.plan import Plan
from crawler.site import Site, SiteKind
from crawler.snapshot import Coverage
from reports.details import Form, NoticeDetails
from rules.engine.assessment import Assessment, Charge, Check, Finding, Result, Run, Status
from rules.engine.edition import Part
from xuncha import issuing, orders
from xuncha.issuing import Issued, Wanted
from xuncha.ledger import Act, Event, State, standing
from xuncha.parameters import Mistake
from xuncha.period import Period
from xuncha.store import Store
from xuncha.store.notices import Notices

CHINA = timezone(timedelta(hours=8))
SUMMER, AUTUMN = datetime(2026, 8, 20, 9, 0, tzinfo=CHINA), datetime(2026, 11, 20, 9, 0, tzinfo=CHINA)
LATER = AUTUMN + timedelta(hours=1)
Q3, Q4 = Period(2026, 3, 3), Period(2026, 3, 4)
WATER, WOODS, ROADS = (
    Site(f"http://{host}.yunling.gov.cn/", f"云岭县{name}", f"53999900{n:02}", f"云岭县{name}", SiteKind.DEPARTMENT)
    for n, (host, name) in enumerate((("sl", "水利局"), ("ly", "林业局"), ("jt", "交通运输局")), 2)
)
DETAILS = NoticeDetails(
    office="云岭县人民政府办公室",
    addressee="各乡镇人民政府，县政府各部门",
    number="云政办函〔2026〕18号",
    area="全县",
    report_to="县政府办公室",
)


def stale(number: int, *, certain: bool = True) -> Finding:
    return Finding(
        f"{number:016x}",
        "stale-column",
        ("1.4",),
        Part.VETO,
        0,
        certain,
        f"http://any.gov.cn/{number}/",
        say("栏目“{name}”最近一条信息的日期是2026年3月1日", name=f"栏目{number}"),
        column=f"栏目{number}",
        charges=(Charge("1.4", 1),),
    )


def judged(site: Site, at: datetime, *findings: Finding, gone: tuple[str, ...] = (), **more: Any) -> Assessment:
    """Five stale columns are a veto."""
    sure = sum(f.certain for f in findings)
    failed = sure >= 5
    status = Status.FAIL if failed else Status.REVIEW if len(findings) >= 5 else Status.PASS
    return replace(
        Assessment(
            site,
            SiteKind.DEPARTMENT,
            False,
            "cn-2019",
            at,
            at,
            at + timedelta(minutes=5),
            Result.UNQUALIFIED if failed else Result.QUALIFIED,
            None,
            False,
            0,
            ("1.4",) if failed else (),
            (Check("1.4", 1, "stale-column", Part.VETO, status, 20, sure),),
            findings,
            coverage=Coverage(20, 200),
            gone=gone,
        ),
        **more,
    )


@dataclass
class Office:
    folder: Path
    runs: Iterator[int] = field(default_factory=lambda: iter(range(1, 99)))

    @property
    def data(self) -> Path:
        return self.folder / "xuncha-data"

    def store(self) -> Store:
        return Store.open(self.data / "xuncha.db")

    def inspect(self, at: datetime, *assessments: Assessment, failures: Any = (), **options: Any) -> str:
        run = Run(f"{at:%Y%m%d-%H%M%S}-{next(self.runs):04}", at, at, at, "cn-2019", "quick", "0.1.0")
        run = replace(run, scope=options.pop("scope", "quick"))
        asked = orders.stored(orders.Orders(Plan(as_of=at), self.data), ()) | options
        with self.store() as store:
            store.runs.start(run, [*(a.site for a in assessments), *(Site(url) for url, _ in failures)], options=asked)
            for assessment in assessments:
                store.assessments.save(run.id, assessment)
            for url, reason in failures:
                store.runs.fail(run.id, url, reason)
        return run.id

    def note(self, act: Act, at: datetime, *numbers: int, why: str = "", day: date | None = None) -> None:
        with self.store() as store:
            for number in numbers:
                [entry] = store.ledger.entries(fingerprint=f"{number:016x}")
                store.ledger.add([(entry, Event(at, act, "县政府办", why, day))])

    def issue(self, form: Form, period: Period | None, now: datetime, *, details: Any = DETAILS, **more: Any) -> Issued:
        more.setdefault("out", self.folder / f"{form}-{period}-{details.number[-3:-1]}")
        asked = orders.Orders(Plan(as_of=now), self.data, details=details)
        return issuing.issue(asked, Wanted(form, period, **more), now)

    def state(self, number: int, now: datetime) -> tuple[State, date | None]:
        with self.store() as store:
            [entry] = store.ledger.entries(fingerprint=f"{number:016x}")
        stands = standing(entry, now)
        return stands.state, stands.due


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def text(issued: Issued, number: int = 0) -> str:
    document = Document(str(issued.files[number]))
    rows = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *rows])


# Which visits


def test_the_last_judged_visit_of_each_site_in_the_period_counts(office: Office) -> None:
    office.inspect(SUMMER, judged(WATER, SUMMER, *map(stale, range(6))))
    office.inspect(AUTUMN - timedelta(days=9), judged(WATER, AUTUMN - timedelta(days=9), stale(1)))
    office.inspect(AUTUMN, judged(WATER, AUTUMN, stale(2)), judged(WOODS, AUTUMN))
    later = AUTUMN + timedelta(days=1)
    unseen = {"result": Result.UNDETERMINED, "why": say("首页打不开"), "coverage": Coverage(0, 0)}
    office.inspect(later, judged(WATER, later, **unseen), judged(ROADS, later, **unseen))
    for other in ({"replay": "x"}, {"demo": True}, {"scope": "recheck"}):
        office.inspect(later, judged(WATER, later, *map(stale, range(10, 16))), **other)
    office.inspect(later, failures=[("http://nyj.yunling.gov.cn/", "内存不足"), (WOODS.url, "内存不足")])

    said = text(office.issue(Form.CIRCULAR, Q4, later, draft=True))
    assert "监测时间点为2026年11月20日至11月21日" in said
    assert "本次共抽查全县政府网站2家。检查结果均为合格" in said
    assert "栏目2" in said
    assert "栏目1”" not in said
    assert "另有1家网站（“云岭县交通运输局”网站）因检查条件限制无法判定" in said
    assert "另有1家网站因检查方原因未完成检查" in said
    assert "本次共抽查全县政府网站1家" in text(office.issue(Form.CIRCULAR, Q3, later, draft=True))


def test_one_run_and_some_sites_can_be_chosen(office: Office) -> None:
    run = office.inspect(AUTUMN, judged(WATER, AUTUMN, stale(1)), judged(WOODS, AUTUMN, stale(2)))
    later = AUTUMN + timedelta(days=1)
    office.inspect(later, judged(WATER, later))
    said = text(office.issue(Form.CIRCULAR, None, later, run=run, draft=True))
    assert "2026年第四季度" in said
    assert "栏目1" in said
    for name in ("云岭县林业局", WOODS.code, WOODS.url, "ly.yunling.gov.cn"):
        said = text(office.issue(Form.CIRCULAR, Q4, later, sites=(name,), draft=True))
        assert "云岭县林业局" in said
        assert "云岭县水利局" not in said


# Only what was reviewed


def test_only_confirmed_findings_go_out_and_the_verdict_holds_on_them(office: Office) -> None:
    office.inspect(
        AUTUMN, judged(WATER, AUTUMN, *map(stale, range(6))), judged(WOODS, AUTUMN, *map(stale, range(20, 25)))
    )
    now = AUTUMN + timedelta(days=1)
    office.note(Act.CONFIRM, now, 0, 1, 2, 3, 4, 20)

    issued = office.issue(Form.CIRCULAR, Q4, now + timedelta(hours=1))
    said = text(issued)
    assert "不合格网站1家" in said
    assert "检查共发现问题6个，涉及网站2家" in said
    assert "栏目5" not in said
    assert "栏目21" not in said
    assert "另有1家网站（“云岭县林业局”网站）的问题尚在复核，暂不判定，不计入检查数" in said, "four of five"
    assert "因检查条件限制" not in said
    assert [str(r) for r in issued.remarks] == [
        "有 5 个问题尚未复核，没有列入；复核见 xuncha review",
        "问题没有复核完、写为暂不判定的网站：云岭县林业局",
    ]
    order = office.issue(Form.ORDER, Q4, now + timedelta(hours=2), details=NEXT, sites=(WOODS.code,))
    assert "检查结果为无法判定" in text(order)
    assert "该网站暂不能判定合格与否，以下问题须先行整改。" in text(order)
    draft = text(office.issue(Form.CIRCULAR, Q4, now + timedelta(hours=1), draft=True))
    assert "不合格2家" in draft or "均为不合格" in draft
    assert "栏目21" in draft


def test_what_was_objected_to_with_reason_is_not_even_in_a_draft(office: Office) -> None:
    office.inspect(AUTUMN, judged(WATER, AUTUMN, *map(stale, range(5))))
    now = AUTUMN + timedelta(days=1)
    office.note(Act.APPEAL, now, 0, why="没有这个栏目")
    office.note(Act.UPHOLD, now + timedelta(hours=1), 0, why="属实", day=date(2027, 11, 1))
    said = text(office.issue(Form.CIRCULAR, Q4, now + timedelta(hours=2), draft=True))
    assert "检查结果为合格" in said
    assert "栏目0" not in said
    assert "栏目4" in said


def test_a_suspicion_that_a_person_confirmed_is_a_problem(office: Office) -> None:
    office.inspect(AUTUMN, judged(WATER, AUTUMN, *(stale(n, certain=False) for n in range(5))))
    now = AUTUMN + timedelta(days=1)
    office.note(Act.CONFIRM, now, *range(5))
    assert "该网站为“云岭县水利局”网站，检查结果为不合格。" in text(office.issue(Form.CIRCULAR, Q4, now))


# The record


def test_what_goes_out_is_written_down_and_the_ledger_told(office: Office) -> None:
    run = office.inspect(AUTUMN, judged(WATER, AUTUMN, *map(stale, range(6))), judged(WOODS, AUTUMN))
    now = AUTUMN + timedelta(days=1)
    office.note(Act.CONFIRM, now, *range(5))
    issued = office.issue(Form.CIRCULAR, Q4, now)
    [kept] = issued.notices
    with office.store() as store:
        assert store.notices.all() == [kept]
    assert (kept.number, kept.period, kept.form, kept.runs) == (DETAILS.number, "2026Q4", Form.CIRCULAR, (run,))
    assert (kept.issued, kept.due) == (date(2026, 11, 21), date(2026, 12, 4))
    assert {site.name: site.result for site in kept.sites} == {
        "云岭县水利局": Result.UNQUALIFIED,
        "云岭县林业局": Result.QUALIFIED,
    }
    assert kept.sha256 == hashlib.sha256(issued.files[0].read_bytes()).hexdigest()
    assert kept.template.startswith("2:")
    assert office.state(4, now) == (State.NOTIFIED, date(2026, 12, 4))
    assert office.state(5, now) == (State.NEW, None)
    assert "（2026年12月4日前）完成整改" in text(issued)
    sheet = openpyxl.load_workbook(issued.files[1])["问题清单"]
    rows = list(sheet.iter_rows(values_only=True))
    assert {row[18] for row in rows[1:]} == {datetime(2026, 12, 4)}  # noqa: DTZ001 - Excel knows no zones
    assert len(rows) == 6


def test_a_draft_is_marked_and_leaves_no_record(office: Office) -> None:
    office.inspect(AUTUMN, judged(WATER, AUTUMN, *map(stale, range(6))))
    issued = office.issue(Form.CIRCULAR, Q4, LATER, draft=True)
    header = Document(str(issued.files[0])).sections[0].header._element.xml
    assert 'string="草稿"' in header
    assert issued.notices == ()
    with office.store() as store:
        assert store.notices.all() == []
        assert not any(entry.events for entry in store.ledger.entries())


def test_nothing_goes_out_twice_nor_over_what_went_out(office: Office) -> None:
    office.inspect(AUTUMN, judged(WATER, AUTUMN, stale(1)))
    office.note(Act.CONFIRM, LATER, 1)
    issued = office.issue(Form.CIRCULAR, Q4, LATER)
    whole = issued.files[0].read_bytes()
    with pytest.raises(Mistake, match="已经用过"):
        office.issue(Form.CIRCULAR, Q4, LATER, details=replace(DETAILS, number="云政办函[2026]18号"))
    other = replace(DETAILS, number="云政办函〔2026〕19号")
    with pytest.raises(Mistake, match="已经存在"):
        office.issue(Form.CIRCULAR, Q4, LATER, details=other, out=issued.files[0].parent)
    assert issued.files[0].read_bytes() == whole


def test_a_notice_that_cannot_be_written_down_is_not_left_lying(office: Office, monkeypatch: Any) -> None:
    office.inspect(AUTUMN, judged(WATER, AUTUMN, stale(1)))
    office.note(Act.CONFIRM, LATER, 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Notices, "add", full)
    with pytest.raises(OSError, match="No space"):
        office.issue(Form.CIRCULAR, Q4, LATER, out=office.folder / "out")
    assert list((office.folder / "out").iterdir()) == []


# What became of the last one


@pytest.fixture
def second(office: Office) -> Office:
    """In summer six findings of 水利局 and two of 林业局 went out, due on 3 September; since then of 水利局 one was
    mended, one mended and there again, one reported, one objected to; the rest is as it was."""
    office.inspect(SUMMER, judged(WATER, SUMMER, *map(stale, range(6))), judged(WOODS, SUMMER, stale(20), stale(21)))
    office.note(Act.CONFIRM, SUMMER + timedelta(hours=1), *range(6), 20, 21)
    office.issue(Form.CIRCULAR, Q3, SUMMER + timedelta(hours=2))
    fall = SUMMER + timedelta(days=20)
    office.note(Act.APPEAL, fall, 3, why="已撤销")
    office.note(Act.UPHOLD, fall + timedelta(hours=1), 3, why="属实", day=date(2027, 9, 1))
    gone = tuple(f"{n:016x}" for n in (0, 1))
    office.inspect(fall, judged(WATER, fall, stale(2), stale(4), stale(5), gone=gone))
    office.note(Act.REPORT, AUTUMN - timedelta(days=1), 2)
    water = judged(WATER, AUTUMN, stale(1), *map(stale, range(30, 34)), stale(4), stale(5))
    office.inspect(AUTUMN, water, judged(WOODS, AUTUMN, stale(21), gone=(f"{20:016x}",)))
    office.note(Act.CONFIRM, LATER, 1, 30, 31, 32, 33)
    return office


NEXT = replace(DETAILS, number="云政办函〔2026〕40号")


def test_the_next_notice_tells_what_became_of_the_last(second: Office) -> None:
    issued = second.issue(Form.CIRCULAR, Q4, AUTUMN + timedelta(hours=2), details=NEXT)
    said = text(issued)
    assert "二、上期问题整改情况" in said
    assert "2026年第三季度通报2家网站的问题8个，截至2026年11月20日，经复查已整改2个，整改率28.57%。" in said
    assert (
        "其余6个中，尚未整改3个（其中逾期3个）；报告已整改、尚待复查1个；整改后又出现1个；"
        "经复核异议成立、不计入整改率1个。" in said
    )
    assert "逾期未整改的网站：“云岭县林业局”网站、“云岭县水利局”网站。" in said
    assert "再次不合格的网站：“云岭县水利局”网站（2026年第三季度也不合格）。" in said
    assert "严肃追责问责。" in said
    [kept] = issued.notices
    assert len(kept.named(WATER.url)) == 7


def test_what_no_visit_has_come_to_since_is_not_told_as_left_as_it_was(office: Office) -> None:
    office.inspect(SUMMER, judged(WATER, SUMMER, *map(stale, range(6))), judged(WOODS, SUMMER, stale(20)))
    office.note(Act.CONFIRM, SUMMER + timedelta(hours=1), *range(6), 20)
    office.issue(Form.CIRCULAR, Q3, SUMMER + timedelta(hours=2))
    office.inspect(AUTUMN, judged(WATER, AUTUMN, *map(stale, range(4))))
    said = text(office.issue(Form.CIRCULAR, Q4, AUTUMN + timedelta(hours=2), details=NEXT))
    assert "经复查已整改0个，整改率0%。其余7个中，尚未整改4个（其中逾期4个）；尚未复查或未能复查3个。" in said
    assert "逾期未整改的网站：“云岭县水利局”网站。" in said


def test_an_order_names_what_was_told_before_and_numbers_count_up(second: Office) -> None:
    details = replace(NEXT, number="云政整〔2026〕9号", due=date(2026, 12, 1))
    issued = second.issue(Form.ORDER, Q4, AUTUMN + timedelta(hours=2), details=details)
    assert [n.number for n in issued.notices] == ["云政整〔2026〕9号", "云政整〔2026〕10号"]
    assert [f.name for f in issued.files] == [
        "order-5399990002.docx", "annex-5399990002.xlsx", "order-5399990003.docx", "annex-5399990003.xlsx"
    ]  # fmt: skip
    said = text(issued)
    assert "云岭县水利局：" in said
    assert "关于“云岭县水利局”网站" in said
    assert "该网站存在单项否决问题：栏目不更新，判定为不合格。" in said
    assert "其中2个问题此前已经通知（云政办函〔2026〕18号），逾期没有整改。" in said
    assert "2026年12月1日前完成整改" in said
    assert "云岭县林业局" not in said
    assert second.state(30, AUTUMN + timedelta(hours=2)) == (State.NOTIFIED, date(2026, 12, 1))


def test_what_is_asked_for_the_same_day_is_not_called_late(office: Office) -> None:
    office.inspect(AUTUMN, judged(WATER, AUTUMN, *map(stale, range(5))))
    office.note(Act.CONFIRM, LATER, *range(5))
    office.issue(Form.CIRCULAR, Q4, LATER)
    said = text(office.issue(Form.ORDER, Q4, LATER + timedelta(hours=1), details=NEXT))
    assert "此前已经通知" not in said
    assert "逾期责任" not in said


def test_what_was_mended_since_is_told_as_mended_and_not_notified(office: Office) -> None:
    office.inspect(AUTUMN, judged(WATER, AUTUMN, *map(stale, range(5))))
    office.note(Act.CONFIRM, AUTUMN + timedelta(hours=1), *range(5))
    later = AUTUMN + timedelta(days=2)
    office.inspect(later, judged(WATER, later, stale(1), gone=(f"{0:016x}",)), scope="recheck")
    issued = office.issue(Form.CIRCULAR, Q4, later + timedelta(hours=1))
    said = text(issued)
    assert "检查结果为不合格" in said, "at the check date it was"
    assert "栏目“栏目0”最近一条信息的日期是2026年3月1日（已整改）" in said
    assert issued.notices[0].named(WATER.url) == {f"{n:016x}" for n in (1, 2, 3, 4)}


# The other forms


def test_a_checklist_has_a_row_a_clause(office: Office) -> None:
    office.inspect(AUTUMN, judged(WATER, AUTUMN, *map(stale, range(5)), stale(7, certain=False)))
    office.note(Act.CONFIRM, LATER, 0, 1, 2, 3, 4)
    draft = office.issue(Form.CHECKLIST, Q4, LATER, draft=True)
    [table] = Document(str(draft.files[0])).tables
    head, row = ([cell.text for cell in row.cells] for row in table.rows)
    assert head == ["检查对象", "指标", "评分细则", "检查情况"]
    assert row[:2] == ["云岭县水利局", "1.4 栏目不更新"]
    assert "累计超过（含）5个未更新" in row[2]
    assert row[3].startswith("发现5个问题，其中：栏目“栏目0”")
    assert row[3].endswith("其余见问题清单。另有1个疑似问题待人工复核。")
    final = office.issue(Form.CHECKLIST, Q4, LATER)
    assert (final.notices, [f.name for f in final.files]) == ((), ["checklist-5399990002.docx"])
    assert "疑似" not in text(final)
    assert "检查结果：不合格" in text(final)


def test_the_figures_of_a_year(second: Office) -> None:
    second.issue(Form.CIRCULAR, Q4, AUTUMN + timedelta(hours=2), details=NEXT)
    details = replace(DETAILS, running=4)
    issued = second.issue(Form.ANNUAL, Period(2026, 12), AUTUMN + timedelta(days=30), details=details)
    rows = {row[0]: row[1:] for row in _rows(issued)}
    assert rows["项目"] == ("第一季度", "第二季度", "第三季度", "第四季度", "全年")
    assert rows["抽查网站数（家）"] == ("—", "—", "2", "2", "2")
    assert rows["不合格网站数量（家）"] == ("—", "—", "1", "1", "1"), "as the notices told"
    assert rows["抽查比例"] == ("—", "—", "50%", "50%", "50%")
    assert rows["合格率"] == ("—", "—", "50%", "50%", "50%")
    assert rows["无法判定的网站数（家）"][2:] == ("0", "0", "0")
    assert rows["印发通报、整改通知（份）"] == ("—", "—", "1", "1", "2")
    assert rows["通报问题数（个）"] == ("—", "—", "8", "8", "12")
    assert set(rows["问责人次（人次）"]) == {"〔　　〕"}


def _rows(issued: Issued) -> list[tuple[str, ...]]:
    [table] = Document(str(issued.files[0])).tables
    return [tuple(cell.text for cell in row.cells) for row in table.rows]


def test_files_are_named_by_code_or_host_and_by_nothing_that_leads_elsewhere(office: Office) -> None:
    codes = ("../../etc/passwd", "CON", "", "5399990001", "5399990001")
    several = [replace(WATER, url=f"http://s{n}.yunling.gov.cn/", code=code) for n, code in enumerate(codes)]
    office.inspect(AUTUMN, *(judged(site, AUTUMN, stale(n)) for n, site in enumerate(several)))
    issued = office.issue(Form.ORDER, Q4, LATER, draft=True, out=office.folder / "out")
    documents = [path for path in issued.files if path.suffix == ".docx"]
    assert len({*issued.files}) == 2 * len(codes)
    assert all(path.parent == office.folder / "out" and path.is_file() for path in issued.files)
    assert {path.name for path in documents} >= {"order-draft-etc-passwd.docx", "order-draft-s2.yunling.gov.cn.docx"}


# Mistakes


@pytest.mark.parametrize(
    ("form", "more", "told"),
    [
        (Form.CIRCULAR, {"details": NoticeDetails()}, "发文机关、文号（--number）、主送机关"),
        (Form.CIRCULAR, {"details": replace(DETAILS, report_to="")}, "整改情况报送对象"),
        (Form.CIRCULAR, {"details": replace(DETAILS, due=date(2026, 11, 1))}, "早于成文日期"),
        (Form.CIRCULAR, {"period": Period(2025, 3, 1)}, "2025年第一季度没有检查过网站"),
        (Form.CIRCULAR, {"sites": ("云岭县气象局",)}, "没有检查过网站“云岭县气象局”，有：云岭县水利局、云岭县林业局"),
        (Form.ORDER, {"sites": (WOODS.code,)}, "没有经复核确认的问题"),
        (Form.ANNUAL, {}, "应是一年，如 2026"),
        (Form.ANNUAL, {"period": Period(2020, 12)}, "2020年没有检查过"),
        (Form.ANNUAL, {"period": Period(2026, 12), "sites": ("x",)}, "--run、--site"),
    ],
)
def test_mistakes_are_told_in_one_line(office: Office, form: Form, more: dict[str, Any], told: str) -> None:
    office.inspect(AUTUMN, judged(WATER, AUTUMN, stale(1)), judged(WOODS, AUTUMN, stale(2)))
    office.note(Act.CONFIRM, LATER, 1)
    with pytest.raises(Mistake) as error:
        office.issue(form, more.pop("period", Q4), LATER + timedelta(hours=1), **more)
    assert told in error.value.message
    assert "\n" not in error.value.message


def test_different_editions_do_not_mix(office: Office) -> None:
    office.inspect(AUTUMN, judged(WATER, AUTUMN))
    office.inspect(AUTUMN, judged(WOODS, AUTUMN, edition="cn-2015"))
    with pytest.raises(Mistake, match="cn-2015"):
        office.issue(Form.CIRCULAR, Q4, LATER, draft=True)


def test_a_year_that_the_calendar_lacks_is_told(office: Office) -> None:
    far = datetime(2090, 3, 1, tzinfo=UTC)
    office.inspect(far, judged(WATER, far, stale(1)))
    office.note(Act.CONFIRM, far + timedelta(hours=1), 1)
    issued = office.issue(Form.CIRCULAR, Period(2090, 3, 1), far + timedelta(hours=1))
    assert "日历缺少 2090 年的放假调休安排" in str(issued.remarks[0])
    assert "遇放假调休的相应顺延" in text(issued)


# The command


@pytest.fixture
def settled(xuncha: Any, here: Path) -> Callable[..., Any]:
    office = Office(here)
    office.inspect(AUTUMN, judged(WATER, AUTUMN, stale(1)))
    (here / "xuncha.toml").write_text(
        '[notice]\noffice = "云岭县人民政府办公室"\naddressee = "各乡镇"\nreport_to = "政府办"\n', "utf-8"
    )
    return lambda *words: xuncha("notice", *words)


def test_from_draft_to_record(settled: Callable[..., Any], xuncha: Any, here: Path) -> None:
    said = settled("--period", "2026Q4", "--form", "通报", "--draft")
    assert (said.code, said.out.splitlines()) == (
        0,
        [f"已写：{Path('xuncha-report/notice-2026Q4') / name}" for name in ("notice-draft.docx", "annex-draft.xlsx")],
    )
    assert said.err == "注意：有 1 个问题尚未复核，正式印发时不列入；复核见 xuncha review\n"
    assert "还没有登记过" in settled("--list").out
    assert xuncha("ledger", "note", "0000000000000001", "--act", "confirm", "--who", "甲").code == 0
    said = settled("--period", "2026Q4", "--form", "通报", "--number", "云政办函〔2026〕18号", "--due", "2099-12-31")
    assert said.code == 0
    assert said.out.endswith("已登记：云政办函〔2026〕18号，通报问题 1 个，整改期限 2099-12-31\n")
    listed = settled("--list").out
    assert "云政办函〔2026〕18号 通报 2026Q4 成文 " in listed
    assert "已通报（期限 2099-12-31）" in xuncha("ledger", "list").out


@pytest.mark.parametrize("suffix", ["docx", "toml"])
def test_the_template_is_taken_out_edited_and_used(settled: Callable[..., Any], here: Path, suffix: str) -> None:
    file = here / f"模板.{suffix}"
    assert settled("--template-out", file).code == 0
    if suffix == "toml":
        file.write_text(file.read_text("utf-8-sig").replace("现将有关情况通报如下：", "现予通报："), "utf-8-sig")
    else:
        document = Document(str(file))
        for table in document.tables:
            for row in table.rows:
                if row.cells[0].text == "lead.text":
                    row.cells[1].paragraphs[0].text = row.cells[1].text.replace("现将有关情况通报如下：", "现予通报：")
        document.save(str(file))
    said = settled("--period", "2026Q4", "--form", "通报", "--draft", "--template", file)
    assert said.code == 0
    [body] = [
        p.text for p in Document("xuncha-report/notice-2026Q4/notice-draft.docx").paragraphs if "现予通报：" in p.text
    ]
    assert body.startswith("根据《")
    (here / "xuncha.toml").write_text(f'[notice]\ntemplate = "{file.name}"\n', "utf-8")
    assert settled("--period", "2026Q4", "--form", "通报", "--draft", "--out", "again").code == 0
    assert any("现予通报：" in p.text for p in Document("again/notice-draft.docx").paragraphs)
    (here / "xuncha.toml").write_text('[notice]\ntemplate = "nowhere.docx"\n', "utf-8")
    said = settled("--period", "2026Q4", "--form", "通报", "--draft")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "xuncha.toml：[notice] 有误：不能读取模板" in said.err
    assert settled("--template-out", file).err == f"{file} 已经存在；请换一个文件名\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--form", "通报"), "--period"),
        (("--period", "2026Q4"), "--form"),
        (("--period", "2026Q9", "--form", "通报"), "2026Q4"),
        (("--period", "2026Q4", "--form", "通告"), "没有“通告”，可用：通报、circular、整改通知书、order"),
        (("--period", "2026Q4", "--form", "通报", "--template", "nowhere.toml"), "nowhere.toml"),
        (("--period", "2026Q4", "--form", "通报", "--template", "nowhere.docx"), "nowhere.docx"),
        (("--template-out", "x.pdf"), ".docx"),
        (("--period", "2026Q4", "--form", "通报", "--data", "nowhere"), "nowhere"),
    ],
)
def test_mistakes_of_the_command_line(settled: Callable[..., Any], words: tuple[str, ...], told: str) -> None:
    said = settled(*words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert told in said.err
