"""A store of one test."""

import sys
from pathlib import Path

import pytest

from xuncha.store import Store

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "xuncha.db"


@pytest.fixture
def store(path):
    with Store.open(path) as opened:
        yield opened
