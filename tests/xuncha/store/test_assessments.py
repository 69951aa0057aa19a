from datetime import timedelta, timezone
from typing import get_args

from assessed import NOON, PORTAL, assessment, finding, make_run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.message import Message, say
from crawler.outcome import Verdict
from crawler.page import Evidence
from crawler.site import Column, ColumnKind, Site, SiteKind
from crawler.snapshot import Coverage, HostLinks, Repeat, Trap, TrapReason
from rules.engine.assessment import (
    Assessment,
    Check,
    ColumnState,
    Finding,
    Mended,
    Rechecked,
    Result,
    Status,
)
from rules.engine.edition import Part

# Anything an assessment may hold

no_surrogates = st.characters(exclude_categories=["Cs"])
text = st.text(no_surrogates, max_size=12)
names = st.text("abcdefgh", min_size=1, max_size=4)
integers = st.integers(0, 2**40)
floats = st.floats(-1e6, 1e6)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(timezones=zones)
days = st.dates()


@st.composite
def messages(draw, inner=None):
    values = text | st.integers() | floats
    args = draw(st.dictionaries(names, values if inner is None else values | inner, max_size=3))
    plain = draw(text).replace("{", "{{").replace("}", "}}") if args else draw(text)
    return Message(plain + "".join(f"「{{{name}}}」" for name in args), tuple(args.items()))


maybe_message = st.none() | messages(messages())
columns = st.builds(
    Column,
    text,
    text,
    st.sampled_from(ColumnKind),
    st.booleans(),
    st.booleans(),
    st.none() | integers,
    st.booleans(),
    text,
)
sites = st.builds(
    Site,
    url=text,
    name=text,
    code=text,
    organ=text,
    kind=st.none() | st.sampled_from(SiteKind),
    services=st.booleans(),
    columns=st.lists(columns, max_size=2).map(tuple),
)
checks = st.builds(
    Check,
    indicator=text,
    clause=integers,
    rule=st.none() | text,
    part=st.sampled_from(Part),
    status=st.sampled_from(Status),
    subjects=integers,
    problems=integers,
    points=floats,
    why=maybe_message,
    verified=st.booleans(),
)
findings = st.builds(
    Finding,
    fingerprint=text,
    rule=text,
    indicators=st.lists(text, max_size=3).map(tuple),
    part=st.sampled_from(Part),
    points=floats,
    certain=st.booleans(),
    at=text,
    message=messages(messages()),
    on=st.none() | text,
    column=st.none() | text,
    excerpt=text,
    expected=maybe_message,
    found=maybe_message,
    evidence=st.none() | st.builds(Evidence, text, integers, text),
    status=st.none() | integers,
    fetched_at=st.none() | moments,
    asked=st.none() | integers,
)
states = st.builds(
    ColumnState,
    name=text,
    url=text,
    kind=text,
    top=st.booleans(),
    items=integers,
    newest=st.none() | days,
    unobservable=maybe_message,
    evidence=maybe_message,
    archived=st.booleans(),
    days=st.none() | integers,
    updates=st.lists(integers, max_size=3).map(tuple),
)
outcomes = st.dictionaries(st.sampled_from(Verdict).map(str), integers, max_size=2)
assessments = st.builds(
    Assessment,
    site=sites,
    kind=st.sampled_from(SiteKind),
    kind_guessed=st.booleans(),
    edition=text,
    as_of=moments,
    started=moments,
    finished=moments,
    result=st.sampled_from(Result),
    score=st.none() | floats,
    score_is_estimate=st.booleans(),
    measured_points=floats,
    vetoes=st.lists(text, max_size=2).map(tuple),
    checks=st.lists(checks, max_size=3).map(tuple),
    findings=st.lists(findings, max_size=3).map(tuple),
    columns=st.lists(states, max_size=2).map(tuple),
    coverage=st.builds(
        Coverage,
        integers,
        integers,
        st.lists(text, max_size=2).map(tuple),
        st.dictionaries(text, integers, max_size=2),
        st.booleans(),
        st.lists(st.builds(Trap, text, integers, integers, st.sampled_from(get_args(TrapReason))), max_size=2).map(
            tuple
        ),
        st.lists(st.builds(Repeat, text, integers), max_size=2).map(tuple),
        integers,
        outcomes,
        st.lists(st.builds(HostLinks, text, outcomes), max_size=2).map(tuple),
    ),
    why=maybe_message,
    rechecked=st.lists(
        st.builds(Rechecked, text, st.sampled_from(Mended), messages(messages()), maybe_message),
        max_size=2,
        unique_by=lambda one: one.fingerprint,
    ).map(lambda told: tuple(sorted(told, key=lambda one: one.fingerprint))),
)


@given(saved=assessments)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_an_assessment_comes_back_as_it_was_saved(store, saved):
    run = make_run(f"run-{len(store.runs.rows()):06}")
    store.runs.start(run, [saved.site])

    assert store.runs.pending(run.id) == [saved.site]
    store.assessments.save(run.id, saved)

    [back] = store.assessments.of(run.id)
    assert back == saved
    assert [type(value) for value in (back.kind, back.result)] == [SiteKind, Result]
    assert [(f.message.args, type(f.part)) for f in back.findings] == [(f.message.args, Part) for f in saved.findings]
    assert [t.utcoffset() for t in (back.as_of, back.started)] == [t.utcoffset() for t in (saved.as_of, saved.started)]
    assert store.runs.pending(run.id) == []


def test_half_a_surrogate_pair_in_a_page_does_not_lose_the_site(store):
    run = make_run()
    store.runs.start(run, [PORTAL])

    store.assessments.save(run.id, assessment(findings=(finding(excerpt="坏\ud800字", found=say("{x}", x="\udfff")),)))

    [back] = store.assessments.of(run.id)
    assert back.findings[0].excerpt == "坏?字"
    assert str(back.findings[0].found) == "?"


def test_visits_that_compare_make_a_trend(store):
    def visit(day, result=Result.QUALIFIED, run=None, **options):
        at = NOON + timedelta(days=day)
        run = run or make_run(f"r{day}")
        store.runs.start(run, [PORTAL], options=options)
        store.assessments.save(run.id, assessment(as_of=at, finished=at, result=result, score=80.0 + day))

    visit(1)
    visit(2, Result.UNDETERMINED)
    visit(3, run=make_run("r3", scope="full"))
    visit(4, replay="r1")
    visit(5)
    visit(9)
    trend = store.visits.trend("r5", PORTAL.url)
    assert [(v.at - NOON).days for v in trend] == [1, 2, 5]
    assert trend[1].result is Result.UNDETERMINED
    assert (trend[-1].score, trend[-1].certain, trend[-1].review) == (85.0, 1, 1)
    assert [(v.at - NOON).days for v in store.visits.trend("r5", PORTAL.url, most=2)] == [2, 5]
