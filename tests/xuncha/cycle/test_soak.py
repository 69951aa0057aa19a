"""A hundred days of the watch by a simulated clock; `make soak` does the same with every probe and inspection."""

from pathlib import Path

import pytest
import quarter


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="what a process holds is read from Linux's /proc")
def test_a_quarter_of_the_watch(tmp_path):
    with quarter.simulated(tmp_path, quarter.BRISK) as simulated:
        simulated.run()
        assert list(quarter.faults(simulated)) == []
