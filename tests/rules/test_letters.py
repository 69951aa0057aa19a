"""Messages of a list: every one is read once, and a state is never read out of something else."""

from datetime import date

import pytest

from rules.letters import State, letters, state_of


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("已回复", State.ANSWERED), ("办结", State.ANSWERED), ("回复", State.ANSWERED),
        ("处理完毕，已答复", State.ANSWERED),
        ("未回复", State.WAITING), ("待答复", State.WAITING), ("尚未处理", State.WAITING),
        ("否", State.UNTOLD), ("是", State.UNTOLD),
        ("办理中", State.PENDING), ("已受理", State.PENDING), ("未办结", State.PENDING), ("待审核", State.PENDING),
        ("答复中", State.PENDING), ("延期办理", State.PENDING), ("办理完毕", State.ANSWERED),
        ("等待处理", State.WAITING),
        ("不予受理", State.VOID), ("已退回", State.VOID), ("重复来信", State.VOID),
        ("县水务局", State.UNTOLD), ("2026-11-03", State.UNTOLD), ("", State.UNTOLD),
        ("关于老旧小区加装电梯一直没有答复的情况反映", State.UNTOLD),
    ],
)  # fmt: skip
def test_states_by_the_words_of_sites(text, state):
    assert state_of(text) is state


def test_a_table_is_read_by_its_head_whatever_its_order(page_of):
    source = """<table><tr><td><table>
      <tr><th>序号</th><th>办理状态</th><th>提交时间</th><th>信件标题</th><th>回复时间</th></tr>
      <tr><td>1</td><td>未回复</td><td>2026-06-03 08:11</td>
        <td><a href="a.html" title="反映路灯整夜不亮">反映路灯…</a></td><td></td></tr>
      <tr><td>2</td><td>已回复</td><td>2026-06-01</td><td>咨询医保</td><td>2026-06-04</td></tr>
      <tr><td colspan=5>共2条</td></tr></table></td></tr></table>"""
    first, second = letters(page_of(source, url="https://www.yunling.gov.cn/hd/"))
    assert (first.title, first.url) == ("反映路灯整夜不亮", "https://www.yunling.gov.cn/hd/a.html")
    assert (first.asked, first.answered, first.state, first.blank) == (date(2026, 6, 3), None, State.WAITING, True)
    assert (second.url, second.asked, second.answered) == (
        "https://www.yunling.gov.cn/hd/", date(2026, 6, 1), date(2026, 6, 4),
    )  # fmt: skip


def test_a_list_of_news_is_no_list_of_messages(page_of):
    rows = "".join(
        f"<li><a href={n}.html>县政府研究留言答复工作第{n}次会议</a><span>2026-11-1{n}</span></li>" for n in range(5)
    )
    assert letters(page_of(f"<ul>{rows}</ul>")) == ()


def test_a_head_that_asks_is_answered_by_yes_and_no_and_no_other_is(page_of):
    def table(head):
        told = (("反映路灯", "2026-06-03", "否"), ("咨询医保", "2026-06-01", "是"))
        rows = "".join(f"<tr><td>{title}</td><td>{day}</td><td>{word}</td></tr>" for title, day, word in told)
        return letters(page_of(f"<table><tr><th>标题</th><th>提交时间</th><th>{head}</th></tr>{rows}</table>"))

    assert [letter.state for letter in table("是否回复")] == [State.WAITING, State.ANSWERED]
    assert table("是否公开") == ()
