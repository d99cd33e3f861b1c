"""The page of settings against the table, its examples and the long one against the reader."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from trunkline.cli.main import trunkline
from trunkline.cli.outcome import MEANINGS
from trunkline.cli.settings.check import checked
from trunkline.cli.settings.table import SETTINGS, Setting

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "config.toml"
# What is no default of an option, but has one, and whose commands take it by themselves.
DIALED = {"base_url": "--base-url", "api_key_file": "--api-key-file"}


def _row(setting: Setting) -> str:
    takers = [f"`{taker}`" if taker else "all" for taker, _ in setting.options]
    if setting.name in DIALED:
        takers = ["`talk`", "`translate`", "`secret`"]
    cells = [
        f"`{setting.name}`",
        setting.kind.name.lower(),
        f"`{setting.flag}`" if setting.flag else "",
        ", ".join(takers),
        f"`{setting.env}`" if setting.env else "",
        "" if setting.default is None else f"`{json.dumps(setting.default)}`",
        "own" if setting.is_own else "trusted" if setting.name == "base_url" else "any",
        setting.about,
    ]
    return f"| {' | '.join(cells)} |"


def test_the_page_has_every_setting_as_the_table_has_it():
    begin = PAGE.index("| name | type |")
    rows = PAGE[begin : PAGE.index("\n\n", begin)].splitlines()[2:]
    assert rows == [_row(each) for each in SETTINGS]


def test_the_page_has_every_exit_code():
    for code, meaning in MEANINGS.items():
        assert f"| {int(code)} | `{code.word}` | {meaning} |" in PAGE


@pytest.mark.parametrize("taker", ["talk", "translate", "secret"])
def test_those_that_dial_take_an_address_and_a_key_file(taker):
    help_text = CliRunner().invoke(trunkline, [taker, "--help"]).output
    assert all(option in help_text for option in DIALED.values())


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_the_page_s_examples_are_well(block):
    found = checked(tomllib.loads(block), folder=ROOT, doubt="")
    assert found.problems == []
    assert found.values


def test_the_long_example_is_well_and_has_one_of_each_kind():
    told = CliRunner().invoke(trunkline, ["config", "check", str(EXAMPLE)])
    assert told.exit_code == 0, told.output
    assert "profiles: work, lab" in told.output
    found = checked(tomllib.loads(EXAMPLE.read_text()), folder=ROOT, doubt="")
    named = {name for _, name in found.values}
    kinds = {each.kind for each in SETTINGS if each.name in named}
    assert kinds == {each.kind for each in SETTINGS} - {
        each.kind for each in SETTINGS if each.kind.name == "NUMBER"
    }


def test_the_commands_that_the_page_shows_are_there():
    for line in re.findall(r"^trunkline (.*?)(?:  +#.*)?$", PAGE, re.MULTILINE):
        words = [word for word in line.split(" | ")[0].split() if word != "FILE"]
        told = CliRunner().invoke(trunkline, [*words, "--help"])
        assert told.exit_code == 0, line
