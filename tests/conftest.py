"""What holds for every test, and what tests of several packages need."""

import importlib.util
import os
from typing import Any

import pytest
from hypothesis import settings

from crawler.browser import find

# No test is timed: how long one takes says how busy the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def browser() -> dict[str, Any]:
    """What a plan says to have pages rendered. A user's machine may have no browser; CI must have one."""
    missing = "" if find() else "Chromium (Debian: apt-get install chromium)"
    if any(importlib.util.find_spec(name) is None for name in ("playwright", "psutil")):
        missing = "the extra browser (playwright, psutil)"
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must have {missing}")
    if missing:
        pytest.skip(f"needs {missing}")
    return {"render": "auto", "browser_sandbox": False}  # as root there is none, and the pages are our own
