"""A settings file of one test."""

import pytest

from xuncha import settings_file
from xuncha.settings import SettingsError


@pytest.fixture
def load(tmp_path):
    def loaded(text):
        path = tmp_path / "xuncha.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return settings_file.load(path)

    return loaded


@pytest.fixture
def told(load):
    """What is said of a text that is refused."""

    def refused(text):
        with pytest.raises(SettingsError) as caught:
            load(text)
        line = str(caught.value)
        assert line.isprintable()
        assert "xuncha.toml" in line
        return line

    return refused
