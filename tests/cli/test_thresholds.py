"""Thresholds from a file: read, refused with the place, and obeyed by every command that judges."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from cli.running import trunkline
from fleet.reels import write_pings
from trunkline.cli.console import console
from trunkline.cli.report import report
from trunkline.cli.thresholds import VARIABLE, read_thresholds, threshold_option
from trunkline.errors import ConfigError
from trunkline.telemetry.levels import THRESHOLDS

STRICT = "[thresholds.rtt_ms]\nwarning = 1\nbad = 2\n"


@pytest.fixture
def strict(tmp_path):
    path = tmp_path / "strict.toml"
    path.write_text(STRICT)
    return path


def test_without_a_file_the_table_holds():
    assert read_thresholds(None) == THRESHOLDS


def test_a_file_changes_what_it_names_and_nothing_else(strict):
    read = read_thresholds(strict)
    assert (read["rtt_ms"].warning, read["rtt_ms"].bad) == (1, 2)
    assert {name for name in read if read[name] != THRESHOLDS[name]} == {"rtt_ms"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "thresholds: there is no table"),
        (b"thresholds = 3\n", "thresholds: there is no table"),
        (b"[threshold.rtt_ms]\nbad = 3\n", "threshold: is not known; a table is"),
        (b"[thresholds.rtt]\nbad = 3\n", "thresholds.rtt: is no metric; there are rtt_ms"),
        (b"[thresholds.rtt_ms]\nbad = 'x'\n", "thresholds.rtt_ms.bad: is no number"),
        (b"[thresholds.rtt_ms\n", "--thresholds: is no TOML: .*line 1"),
        (b"\xff\xfe", "--thresholds: is no text in UTF-8"),
        (b'[thresholds."\\u001b[2Jx"]\nbad = 3\n', "thresholds.\N{SYMBOL FOR ESCAPE}"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_the_place_and_its_name(tmp_path, text, words):
    path = tmp_path / "mine.toml"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match=words) as caught:
        read_thresholds(path)
    assert str(path) in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_file_that_is_not_there_is_told_by_the_option(tmp_path):
    run = trunkline("console", "--once", "--thresholds", str(tmp_path / "none.toml"))
    assert run.returncode == 2
    assert "--thresholds: cannot be read: No such file or directory" in run.stderr
    assert run.stderr.count("\n") == 1


def test_what_is_kept_in_settings_holds_and_a_file_comes_before_it(keeper, strict, tmp_path):
    recording = tmp_path / "calls.tlrec"
    write_pings(recording, 20, rtt=0.02)
    keeper.user("[thresholds.rtt_ms]\nwarning = 3\nbad = 4\n")
    keeper.project("[profile.mild.thresholds.rtt_ms]\nwarning = 50\nbad = 90\n")
    seen = []
    for before, after in (
        ((), ()),
        (("--profile", "mild"), ()),
        ((), ("--thresholds", str(strict))),
        (("--no-config",), ()),
    ):
        told = keeper.call(*before, "console", "--replay", str(recording), "--json", *after)
        document = json.loads(told.output)
        seen.append([alert["text"] for alert in document["alerts"]])
    assert seen == [
        ["RTT 20 ms > 4 ms (3 of 3)"],
        [],
        ["RTT 20 ms > 2 ms (3 of 3)"],
        [],
    ]


def test_settings_that_contradict_each_other_are_told(keeper, tmp_path):
    recording = tmp_path / "calls.tlrec"
    write_pings(recording, 3, rtt=0.02)
    keeper.user("[thresholds.rtt_ms]\nwarning = 5\n")
    keeper.project("[thresholds.rtt_ms]\nbad = 4\n")
    told = keeper.call("console", "--replay", str(recording), "--json")
    assert "thresholds.rtt_ms: `warning` must be" in str(told.exception)


@click.command()
@threshold_option
def _shown(*, thresholds) -> None:
    click.echo(str(thresholds))


def test_the_variable_names_a_file_where_the_option_does_not(strict):
    runner = CliRunner()
    assert runner.invoke(_shown, env={VARIABLE: str(strict)}).output == f"{strict}\n"
    assert runner.invoke(_shown, ["--thresholds", "b"], env={VARIABLE: "a"}).output == "b\n"
    assert runner.invoke(_shown).output == "None\n"


@pytest.mark.parametrize("command", [console, report])
def test_every_command_that_judges_takes_them(command):
    assert "--thresholds" in {name for param in command.params for name in param.opts}


def test_what_is_good_for_most_is_bad_by_a_strict_file(strict, tmp_path):
    recording = tmp_path / "calls.tlrec"
    write_pings(recording, 20, rtt=0.02)
    seen = []
    for options in ((), ("--thresholds", str(strict))):
        run = trunkline("console", "--replay", str(recording), "--json", *options)
        seen.append([alert["text"] for alert in json.loads(run.stdout)["alerts"]])
    assert seen == [[], ["RTT 20 ms > 2 ms (3 of 3)"]]
    pages = []
    for name, options in (("a", ()), ("b", ("--thresholds", str(strict)))):
        page = tmp_path / f"{name}.html"
        run = trunkline("report", str(recording), "-o", str(page), *options)
        assert run.returncode == 0, run.stderr
        pages.append("RTT 20 ms &gt; 2 ms" in page.read_text())
    assert pages == [False, True]
