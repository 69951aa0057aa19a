"""The house itself: what is installed, and whether the READMEs and the change log tell the truth about it."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import xuncha
from xuncha.cli import cli
from xuncha.outputs import FORMATS

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in the wheel that hatchling builds."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [file] = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_four_packages_and_nothing_else(wheel: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"crawler", "rules", "reports", "xuncha"}


def test_the_wheel_holds_every_file_the_program_reads(wheel: set[str]) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "crawler", "rules", "reports", "xuncha"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    assert set(tracked.stdout.splitlines()) <= wheel


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    named = set(re.findall(r"(?:^|[ `/])xuncha ([a-z]+)", text))
    assert set(cli.commands) - {"demo"} <= named
    assert "make demo" in text


def _commands(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        yield from _commands(command) if isinstance(command, click.Group) else [command]


@pytest.mark.parametrize("readme", READMES)
def test_every_option_in_the_readme_exists(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    known = {name for command in _commands(cli) for p in command.params for name in (*p.opts, *p.secondary_opts)}
    known |= {name for p in cli.params for name in p.opts} | {"--help", "--findings"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) <= known


@pytest.mark.parametrize("readme", READMES)
def test_the_formats_and_kinds_in_the_readme_exist(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    assert f"`{','.join(FORMATS)}`" in text
    assert all(form.file in text for form in FORMATS.values())


def test_every_audit_option_is_documented_in_its_help() -> None:
    audit = cli.commands["audit"]
    assert [p.name for p in audit.params if isinstance(p, click.Option) and not p.help] == []


def test_the_version_is_in_the_change_log_or_unreleased() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "## [Unreleased]" in text or f"## [{xuncha.__version__}]" in text
