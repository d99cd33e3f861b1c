"""Settings in force: click's own order, checked by the options' own types, and in nobody's way."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from trunkline.cli import main
from trunkline.cli.settings.table import SETTINGS, Kind
from trunkline.cli.settings.use import asked, kept_thresholds, said_now
from trunkline.errors import ConfigError


@pytest.fixture
def given(monkeypatch) -> dict:
    """What the command `secret`, replaced by one that only tells, was given."""
    told: dict = {}

    @click.command()
    @click.option("--ttl", default=600)
    @click.option("--model")
    @click.option("--voice")
    @click.option("--flag", is_flag=True)
    def secret(**values) -> None:
        told.update(values)
        told["now"] = said_now(values)
        told["environ"] = dict(os.environ)
        told["thresholds"] = kept_thresholds()

    monkeypatch.setattr("trunkline.cli.secret.secret", secret)
    return told


def test_an_option_comes_before_its_variable_before_the_project_before_the_user(keeper, given):
    keeper.user("model = 'user'\nvoice = 'user'\n[secret]\nttl = 20\n")
    keeper.project("model = 'project'\n")
    seen = []
    for arguments, variables in [
        ([], {}),
        ([], {"TRUNKLINE_MODEL": "env"}),
        (["--model", "flag"], {"TRUNKLINE_MODEL": "env"}),
    ]:
        assert keeper.call("secret", *arguments, **variables).exception is None
        seen.append((given["model"], given["voice"], given["ttl"]))
    assert seen == [("project", "user", 20), ("env", "user", 20), ("flag", "user", 20)]


def test_without_files_nothing_of_them_holds(keeper, given):
    keeper.user("model = 'user'\n[thresholds.rtt_ms]\nbad = 900\n")
    assert keeper.call("--no-config", "secret").exception is None
    assert (given["model"], given["thresholds"]) == (None, {})
    assert keeper.call("secret").exception is None
    assert (given["model"], given["thresholds"]) == ("user", {"rtt_ms": {"bad": 900}})


def test_a_profile_is_in_force_and_told_to_processes_of_ours(keeper, given, tmp_path):
    keeper.user("[profile.x]\nmodel = 'x'\n")
    assert keeper.call("--profile", "x", "secret").exception is None
    assert (given["model"], given["environ"]["TRUNKLINE_PROFILE"]) == ("x", "x")
    named = tmp_path / "n.toml"
    named.write_text("model = 'named'\n")
    assert keeper.call("--config", "../n.toml", "secret").exception is None
    assert given["model"] == "named"
    assert Path(given["environ"]["TRUNKLINE_CONFIG"]).samefile(named)
    assert "TRUNKLINE_PROFILE" not in os.environ


def test_what_was_said_now_is_known_from_what_is_kept(keeper, given):
    keeper.user("model = 'user'\n")
    assert keeper.call("secret", "--voice", "v", TRUNKLINE_SECRET_TTL="30").exception is None
    assert given["now"] == {"ttl": None, "model": None, "voice": "v", "flag": False}


def test_a_command_that_is_called_alone_knows_of_no_files(keeper, given):
    from trunkline.cli.secret import secret

    keeper.user("model = 'user'\n")
    assert CliRunner().invoke(secret, []).exit_code == 0
    assert given["model"] is None
    assert said_now({"a": 1}) == {"a": 1}
    assert kept_thresholds() == {}
    assert not asked(click.Context(secret)).no_config


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[secret]\nttl = 30\n[translate]\nstyle = 3\n",
            ":4: translate.style: it must be a string",
        ),
        ("modle = 'a'\n", ":1: modle: there is no such setting; did you mean model?"),
        ("api_key = 'sk-CANARY-0123456789'\n", ":1: api_key: a key does not belong"),
    ],
)
def test_a_wrong_file_starts_nothing_but_keeps_nobody_from_help(keeper, given, text, words):
    path = keeper.user(text)
    failed = keeper.call("secret").exception
    assert isinstance(failed, ConfigError)
    assert str(failed).startswith(f"{path}{words}")
    assert "CANARY" not in str(failed)
    assert given == {}
    for arguments in (["--help"], ["secret", "--help"], ["version"], ["completion", "bash"]):
        told = keeper.call(*arguments)
        assert told.exception is None, arguments
        assert told.output
    assert given == {}


def test_a_value_that_the_option_would_not_take_is_told_with_its_line(keeper):
    path = keeper.user("[sound]\necho = 'gates'\n")
    failed = keeper.call("talk", "--simulated").exception
    assert str(failed) == (
        f"{path}:2: sound.echo: 'gates' is not one of 'gate', 'cancel', 'none'. Did you mean 'gate'?"
    )
    # It is another command's.
    assert keeper.call("explain", "1006").exception is None


def test_what_is_read_as_a_variable_is_one_as_long_as_the_command_runs(keeper, given):
    keeper.user(
        "color = 'never'\n[telemetry]\npublish = 'on'\nkeep_audio = true\nmetrics_port = 9000\n[log]\nformat = 'json'\n"
    )
    assert keeper.call("secret").exception is None
    names = ("PUBLISH", "KEEP_AUDIO", "METRICS", "LOG")
    assert [given["environ"][f"TRUNKLINE_{name}"] for name in names] == ["1", "1", "9000", "json"]
    assert given["environ"]["NO_COLOR"] == "1"
    assert not any(f"TRUNKLINE_{name}" in os.environ for name in names)
    assert "NO_COLOR" not in os.environ
    assert keeper.call("secret", TRUNKLINE_PUBLISH="control", FORCE_COLOR="1").exception is None
    assert given["environ"]["TRUNKLINE_PUBLISH"] == "control"
    assert "NO_COLOR" not in given["environ"]
    assert keeper.call("--log-format", "text", "secret").exception is None
    assert given["environ"]["TRUNKLINE_LOG"] == "text"


def test_the_group_s_own_settings_are_checked_by_its_options(keeper, given):
    path = keeper.user("color = 'sometimes'\n")
    assert str(keeper.call("secret").exception).startswith(f"{path}:1: color: 'sometimes' is not")


def test_completing_reads_no_file(keeper, given):
    keeper.user("modle = 'a'\n")
    env = {"_X": "bash_complete", "COMP_WORDS": "trunkline secret --m", "COMP_CWORD": "2"}
    told = CliRunner().invoke(main.trunkline, [], env=env, complete_var="_X")
    assert told.output == "plain,--model\n"


VALUES = {Kind.STRING: "x", Kind.PATH: "x", Kind.INTEGER: 10, Kind.NUMBER: 10.0, Kind.BOOLEAN: True}


@pytest.mark.parametrize("taker", sorted({taker for each in SETTINGS for taker, _ in each.options}))
def test_every_setting_of_a_command_reaches_its_option(keeper, monkeypatch, taker):
    """With the real command, whose body is left out."""
    taken = {each: name for each in SETTINGS for command, name in each.options if command == taker}
    if not taker:
        assert set(taken.values()) == {"color", "log_format", "log_file"}
        return
    equipped = main.trunkline.get_command(click.Context(main.trunkline), taker)
    assert equipped is not None
    params = {each.name: each for each in equipped.params}
    lines = []
    wanted = {}
    for setting, name in taken.items():
        kind = params[name].type
        value = kind.choices[-1] if isinstance(kind, click.Choice) else VALUES[setting.kind]
        lines.append(f"{setting.name} = {str(value).lower() if value is True else repr(value)}")
        wanted[name] = value
    path = keeper.user("\n".join(lines) + "\n")
    given: dict = {}
    module = __import__(f"trunkline.cli.{taker}", fromlist=[taker])
    command = getattr(module, taker)
    monkeypatch.setattr(command, "callback", lambda **values: given.update(values))
    told = keeper.call(taker)
    assert told.exception is None, told.exception
    for name, value in wanted.items():
        seen = given[name]
        assert str(seen) in (str(value), str(path.parent / str(value))), name
