"""Whose turn it is: never twice, never too many, never too fast, and nothing is forgotten."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crawler.frontier import Frontier
from crawler.page import LinkKind
from crawler.target import Stage, Target
from crawler.urls import authority, origin

OWN = "http://www.yunling.gov.cn"
OTHER = "http://www.xishan.gov.cn"
THIRD = "http://www.beihe.gov.cn"


def frontier(gap: float = 0.0, concurrency: int = 4, outside: int = 8, chance: float = 0.0) -> Frontier:
    return Frontier(gap=gap, concurrency=concurrency, outside=outside, chance=lambda: chance)


def target(number: int, stage: Stage = Stage.LEAF, host: str = OWN, *, internal: bool | None = None) -> Target:
    url = f"{host}/{number}"
    return Target(number, url, stage, LinkKind.PAGE, host == OWN if internal is None else internal)


def all_of(line: Frontier, now: float = 0.0) -> list[int]:
    """Take what may be asked now."""
    taken = []
    while (turn := line.take(now)) is not None:
        taken.append(turn.number)
    return taken


def warm(line: Frontier, *hosts: str) -> None:
    """These hosts have answered once."""
    for host in hosts:
        first = target(9000, Stage.PAGE, host)
        line.add(first)
        assert line.take(0) == (9000, Stage.PAGE, False)
        line.release(first, Stage.PAGE, answered=True)


def test_the_order_of_stages() -> None:
    line = frontier(concurrency=1)
    known = [target(n, s) for n, s in enumerate([Stage.LEAF, Stage.PAGE, Stage.ARTICLE, Stage.COLUMN, Stage.HOME])]
    for one in known:
        line.add(one)
    order = []
    while (turn := line.take(0)) is not None:
        order.append(turn.stage)
        line.release(known[turn.number], turn.stage, answered=True)
    assert order == sorted(order)
    assert len(order) == 5
    assert len(line) == 0


def test_one_at_a_time_until_the_host_has_answered() -> None:
    line = frontier(concurrency=3)
    for number in range(6):
        line.add(target(number, Stage.PAGE))
    assert all_of(line) == [0]
    line.release(line_target := target(0, Stage.PAGE), Stage.PAGE, answered=False)
    assert line_target.id == 0
    assert all_of(line) == [1]
    line.release(target(1, Stage.PAGE), Stage.PAGE, answered=True)
    assert all_of(line) == [2, 3, 4]


def test_the_gap_of_a_host_slows_no_other() -> None:
    line = frontier(gap=1.0)
    warm(line, OWN, OTHER)
    line.add(target(1, Stage.PAGE))
    line.add(target(2, Stage.PAGE))
    line.add(target(3, Stage.PAGE, OTHER))
    assert all_of(line, 1.0) == [1, 3]
    assert all_of(line, 1.5) == []
    assert line.next_at() == 2.0
    assert all_of(line, 2.0) == [2]


def test_a_cooling_host_delays_no_other() -> None:
    line = frontier()
    warm(line, OWN, OTHER)
    line.add(target(1, Stage.PAGE))
    line.add(target(2, Stage.PAGE, OTHER))
    line.cool(OWN, 60.0)
    assert all_of(line, 1.0) == [2]
    assert line.next_at() == 60.0
    assert all_of(line, 60.0) == [1]


def test_errors_never_lower_the_delay() -> None:
    line = frontier(gap=1.0)
    warm(line, OWN)
    line.slow(OWN, 5.0)
    line.slow(OWN, 2.0)
    assert line.gap(OWN) == 5.0


def test_no_even_beat_and_never_too_early() -> None:
    chances = iter([0.0, 1.0, 0.5, 0.0])
    line = Frontier(gap=1.0, concurrency=1, outside=1, chance=lambda: next(chances))
    assert [line.book(OWN, 0.0) for _ in range(4)] == [0.0, 1.0, 2.25, 3.375]


def test_a_slow_host_is_asked_less_often() -> None:
    line = frontier(gap=0.5, concurrency=4)
    warm(line, OWN, OTHER)
    for _ in range(20):
        line.hear(OWN, 6.0, good=True)
    assert line.gap(OWN) == pytest.approx(3.0, rel=0.01), "so that two of four are under way"
    assert line.gap(OTHER) == 0.5
    slow = line.gap(OWN)
    for _ in range(20):
        line.hear(OWN, 0.0, good=False)
    assert line.gap(OWN) == slow, "an error never lowers the delay"
    line.hear(OWN, 30.0, good=False)
    assert line.gap(OWN) > slow, "but it may raise it"
    for _ in range(50):
        line.hear(OWN, 3600.0, good=True)
    assert line.gap(OWN) <= 10
    for _ in range(50):
        line.hear(OWN, 0.1, good=True)
    assert line.gap(OWN) == 0.5, "never below what the operator set"


def test_a_delay_that_was_asked_for_is_never_shortened() -> None:
    line = frontier(gap=0.5)
    warm(line, OWN)
    line.slow(OWN, 5.0)
    for _ in range(50):
        line.hear(OWN, 0.01, good=True)
    assert line.gap(OWN) == 5.0


def test_without_a_rate_nothing_is_adapted() -> None:
    line = frontier(gap=0.0)
    warm(line, OWN)
    line.hear(OWN, 60.0, good=True)
    line.hear("http://www.nobody.cn/", 60.0, good=True)
    assert line.gap(OWN) == 0.0


def test_a_request_outside_the_queue_takes_its_turn_too() -> None:
    line = frontier(gap=1.0)
    warm(line, OWN)
    line.add(target(1, Stage.PAGE))
    assert line.book(OWN, 1.0) == 1.0
    assert line.book(OWN, 1.0) == 2.0
    assert all_of(line, 2.9) == []
    assert all_of(line, 3.0) == [1]


def test_leaves_of_the_site_wait_for_its_pages_and_others_do_not() -> None:
    line = frontier()
    warm(line, OWN, OTHER)
    page = target(1, Stage.PAGE)
    line.add(page)
    line.add(target(2, Stage.LEAF))
    line.add(target(3, Stage.LEAF, OTHER))
    assert all_of(line) == [1, 3]
    line.release(page, Stage.PAGE, answered=True)
    assert all_of(line) == [2]


def test_suspects_come_last_and_not_before_they_are_due() -> None:
    line = frontier()
    warm(line, OWN, OTHER)
    suspect = target(1, Stage.LEAF, OTHER)
    suspect.again = True
    page = target(2, Stage.PAGE)
    line.add(suspect, due=3.0)
    line.add(page)
    assert all_of(line, 5.0) == [2]
    line.release(page, Stage.PAGE, answered=True)
    assert all_of(line, 2.9) == []
    assert all_of(line, 3.0) == [1]


def test_a_suspect_far_off_does_not_hide_what_can_be_asked_now() -> None:
    line = frontier()
    warm(line, OWN)
    suspect = target(1)
    suspect.again = True
    line.add(suspect, due=60.0)
    assert all_of(line, 1.0) == []
    assert line.next_at() == 60.0
    line.add(target(2, Stage.PAGE))
    assert all_of(line, 1.0) == [2]


def test_a_leaf_becomes_a_page_and_is_taken_once() -> None:
    line = frontier()
    warm(line, OWN)
    leaf = target(1)
    line.add(leaf)
    line.promote(leaf.id, leaf.url, Stage.COLUMN)
    assert len(line) == 1
    assert line.stage(leaf.id) is Stage.COLUMN
    assert line.take(0) == (1, Stage.COLUMN, False)
    assert line.stage(leaf.id) is None
    line.release(leaf, Stage.COLUMN, answered=True)
    assert all_of(line) == []
    assert len(line) == 0


def test_dead_hosts_outside_leave_room_for_the_site() -> None:
    line = frontier(outside=2)
    warm(line, OWN)
    for number in range(5):
        line.add(target(number, Stage.LEAF, f"http://h{number}.example.cn"))
    assert len(all_of(line)) == 2
    assert line.next_at() is None
    line.add(target(10, Stage.PAGE))
    assert all_of(line) == [10]


def test_one_address_stands_for_a_silent_origin() -> None:
    line = frontier()
    warm(line, OWN)
    witness = target(1, Stage.LEAF, OTHER)
    for one in (witness, *(target(n, Stage.LEAF, OTHER) for n in (2, 3))):
        line.add(one)
    assert all_of(line) == [1]
    line.suspend(witness)
    witness.again = True
    line.add(witness)
    line.release(witness, Stage.LEAF, answered=False)
    line.add(target(4, Stage.LEAF, OTHER))
    assert line.witness(f"{OTHER}/2") == witness.id
    assert len(line) == 4
    assert all_of(line) == [1], "nothing else of that origin"
    assert line.drop(OTHER) == [2, 3, 4]
    line.release(witness, Stage.CONFIRM, answered=False)
    assert len(line) == 0


def test_a_host_that_answers_again_is_asked_for_the_rest() -> None:
    line = frontier()
    witness = target(1, Stage.LEAF, OTHER)
    line.add(witness)
    line.add(target(2, Stage.LEAF, OTHER))
    assert all_of(line) == [1]
    line.suspend(witness)
    line.resume(OTHER)
    line.release(witness, Stage.LEAF, answered=True)
    assert line.witness(OTHER) is None
    assert all_of(line) == [2]


def test_a_silent_https_says_nothing_of_http() -> None:
    line = frontier()
    secure = Target(1, "https://www.xishan.gov.cn/1", Stage.LEAF, LinkKind.PAGE, internal=False)
    line.add(secure)
    line.add(target(2, Stage.LEAF, OTHER))
    assert all_of(line)[0] == 1
    line.suspend(secure)
    line.release(secure, Stage.LEAF, answered=False)
    assert all_of(line) == [2]


def test_a_limit_empties_everything_that_is_not_in_flight() -> None:
    line = frontier(concurrency=1)
    one, two, witness = target(1, Stage.PAGE), target(2, Stage.PAGE), target(3, Stage.LEAF, OTHER)
    for each in (one, two, witness, target(4, Stage.LEAF, OTHER)):
        line.add(each)
    assert all_of(line) == [1, 3]
    line.suspend(witness)
    assert sorted(line.drain()) == [2, 4]
    assert len(line) == 2
    line.release(one, Stage.PAGE, answered=True)
    line.release(witness, Stage.LEAF, answered=False)
    assert len(line) == 0
    assert line.take(99) is None


class Traffic(RuleBasedStateMachine):
    """Any sequence of what a visit does to its frontier."""

    @initialize(gap=st.sampled_from([0.0, 0.5, 2.0]), concurrency=st.integers(1, 3), outside=st.integers(1, 3))
    def begin(self, gap: float, concurrency: int, outside: int) -> None:
        self.gap, self.concurrency, self.outside = gap, concurrency, outside
        self.line = frontier(gap, concurrency, outside)
        self.now = 0.0
        self.known: dict[int, Target] = {}
        self.flying: dict[int, Stage] = {}
        self.turns: set[tuple[int, bool]] = set()
        self.last: dict[str, float] = {}
        self.not_before: dict[str, float] = {}
        self.over: set[int] = set()
        self.due: dict[int, float] = {}

    @rule(stage=st.sampled_from(list(Stage)[:5]), host=st.sampled_from([OWN, OTHER, THIRD]))
    def queue(self, stage: Stage, host: str) -> None:
        new = target(len(self.known), stage if host == OWN else Stage.LEAF, host)
        self.known[new.id] = new
        self.line.add(new)

    @rule(number=st.integers(0, 30))
    def promote(self, number: int) -> None:
        leaf = self.known.get(number)
        if leaf is None:
            return
        queued = leaf.id not in self.over and leaf.id not in self.flying and not leaf.asked
        assert self.line.stage(leaf.id) is (leaf.stage if queued else None)
        if queued and leaf.stage is Stage.LEAF and leaf.internal:
            self.line.promote(leaf.id, leaf.url, Stage.COLUMN)
            leaf.stage = Stage.COLUMN

    @rule()
    def take(self) -> None:
        turn = self.line.take(self.now)
        if turn is None:
            return
        found = self.known[turn.number]
        assert turn.stage is found.turn
        assert found.id not in self.flying
        assert found.id not in self.over
        assert (found.id, found.again) not in self.turns, "taken twice in one turn"
        self.turns.add((found.id, found.again))
        host = authority(found.url)
        assert self.now - self.last.get(host, -9e9) >= self.gap
        assert self.now >= self.not_before.get(host, 0.0)
        assert self.now >= self.due.get(found.id, 0.0)
        if found.again:
            assert not any(s < Stage.CONFIRM and self.known[n].internal for n, s in self.flying.items())
        witness = self.line.witness(found.url)
        assert witness in (None, found.id), "the others wait"
        self.last[host] = self.now
        self.flying[found.id] = turn.stage

    @precondition(lambda self: self.flying)
    @rule(data=st.data(), kind=st.sampled_from(["good", "suspect", "silent"]))
    def answer(self, data: st.DataObject, kind: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.flying)))
        turn, one = self.flying.pop(number), self.known[number]
        one.asked += 1
        confirmed, one.again = one.again, False
        witness = self.line.witness(one.url)
        if kind != "silent" and witness is not None:
            self.line.resume(one.url)
        elif kind == "silent" and witness == one.id:
            self.over.update(self.line.drop(one.url))
        elif kind == "silent" and witness is None and not confirmed:
            self.line.suspend(one)
        if kind != "good" and not confirmed:
            one.again = True
            self.due[number] = self.now + 3
            self.line.add(one, self.due[number])
        else:
            self.over.add(number)
        self.line.release(one, turn, answered=kind != "silent")

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.known)
    @rule(seconds=st.sampled_from([1.0, 20.0]))
    def cool(self, seconds: float) -> None:
        url = self.known[0].url
        self.line.cool(url, self.now + seconds)
        host = authority(url)
        self.not_before[host] = max(self.not_before.get(host, 0.0), self.now + seconds)

    @rule()
    def drain(self) -> None:
        left = self.line.drain()
        assert not any(self.known[number].asked for number in left), "what was asked once is no longer unasked"
        self.over.update(
            left, (number for number, one in self.known.items() if one.again and number not in self.flying)
        )

    @invariant()
    def no_host_is_asked_too_much(self) -> None:
        if not hasattr(self, "line"):
            return
        hosts = [authority(self.known[number].url) for number in self.flying]
        assert all(hosts.count(host) <= self.concurrency for host in hosts)
        assert sum(not self.known[number].internal for number in self.flying) <= self.outside
        assert len(self.line) == len(self.known) - len(self.over)

    def teardown(self) -> None:
        """Whatever happened: with time, and answers, everything queued is asked."""
        if not hasattr(self, "line"):
            return
        for _ in range(8 * len(self.known) + 8):
            self.now += 100
            while (turn := self.line.take(self.now)) is not None:
                self.flying[turn.number] = turn.stage
            for number, stage in self.flying.items():
                one = self.known[number]
                one.again = False
                if self.line.witness(one.url) is not None:
                    self.line.resume(one.url)
                self.line.release(one, stage, answered=True)
            self.flying.clear()
        assert len(self.line) == 0
        assert {origin(one.url) for one in self.known.values() if self.line.witness(one.url)} == set()


Traffic.TestCase.settings = settings(max_examples=120, stateful_step_count=40)
test_any_traffic = Traffic.TestCase


@pytest.mark.parametrize("concurrency", [1, 4])
def test_many_hosts_none_starves(concurrency: int) -> None:
    line = frontier(gap=1.0, concurrency=concurrency, outside=3)
    known = [target(number, Stage.LEAF, f"http://h{number % 20}.example.cn") for number in range(60)]
    for one in known:
        line.add(one)
    seen: list[int] = []
    now = 0.0
    while len(line):
        batch = all_of(line, now)
        seen += batch
        for number in batch:
            line.release(known[number], Stage.LEAF, answered=True)
        now += 0.5
        assert now < 100
    assert sorted(seen) == list(range(60))
