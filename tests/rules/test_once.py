"""What is derived from a snapshot is derived once, and not kept when it is gone."""

import gc
import weakref

from rules.once import once


class View:
    pass


def test_it_asks_once_a_subject():
    asked = []
    derived = once(lambda view: asked.append(view) or len(asked))
    one, two = View(), View()
    assert [derived(one), derived(one), derived(two), derived(two), derived(one)] == [1, 1, 2, 2, 3]


def test_it_keeps_nothing_alive_and_takes_no_newcomer_for_the_old():
    derived = once(lambda view: [id(view)])
    view = View()
    derived(view)
    gone = weakref.ref(view)
    del view
    gc.collect()
    assert gone() is None
    fresh = [View() for _ in range(50)]
    assert [derived(view) for view in fresh] == [[id(view)] for view in fresh]
