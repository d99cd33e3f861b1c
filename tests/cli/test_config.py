"""`trunkline config`: what holds, which files are read, what is wrong in one; and never a key."""

from __future__ import annotations

import json
import tomllib

import pytest

from cli.conftest import write
from trunkline.cli.settings.table import SETTINGS
from trunkline.errors import ConfigError

CANARY = "sk-CANARY-0123456789abcdef"
USER = """model = "a"
api_key_cmd = ["pass", "show", "CANARY/voice"]
[sound]
echo = "cancel"
[profile.x]
voice = "b"
[thresholds.rtt_ms]
bad = 300
"""


def _shown(keeper, *arguments: str, **variables: str) -> str:
    told = keeper.call(*arguments, **variables)
    assert told.exception is None, told.exception
    return told.output


def test_show_prints_what_is_not_the_default_in_the_form_of_a_file(keeper):
    keeper.user(USER)
    shown = _shown(keeper, "config", "show")
    assert tomllib.loads(shown) == {
        "api_key_cmd": "pass ********",
        "model": "a",
        "sound": {"echo": "cancel"},
        "thresholds": {"rtt_ms": {"bad": 300}},
    }
    assert 'voice = "b"' in _shown(keeper, "--profile", "x", "config", "show")


def test_show_origin_prints_every_setting_and_where_it_is_from(keeper):
    path = keeper.user(USER)
    keeper.project("theme = 't'\n")
    shown = _shown(keeper, "config", "show", "--origin", TRUNKLINE_MODEL="e").splitlines()
    told = {line.split("  # ")[0].strip(): line.split("  # ")[1] for line in shown}
    assert told['model = "e"'] == "env TRUNKLINE_MODEL"
    assert told['theme = "t"'] == "project trunkline.toml:1"
    assert told['sound.echo = "cancel"'] == f"user {path}:4"
    assert told["# voice"] == "default"
    assert told["secret.ttl = 600"] == "default"
    assert len(told) == len(SETTINGS) + 1


def test_an_address_that_would_not_be_dialed_is_told_as_such(keeper):
    keeper.project("base_url = 'https://gw.example/v1'\n")
    shown = _shown(keeper, "config", "show", "--origin")
    assert "# project trunkline.toml:1; refused: https://gw.example/v1 would be" in shown
    document = json.loads(_shown(keeper, "config", "show", "--json"))
    (row,) = [each for each in document["settings"] if each["name"] == "base_url"]
    assert row["refused"].startswith("https://gw.example/v1")


def test_show_json_is_one_document(keeper):
    path = keeper.user(USER)
    document = json.loads(_shown(keeper, "--profile", "x", "config", "show", "--json"))
    assert (document["schema"], document["ok"]) == ("trunkline.config/1", True)
    assert (document["profile"], document["profiles"]) == ("x", ["x"])
    assert document["files"] == [{"kind": "user", "path": str(path), "is_own": True}]
    rows = {row["name"]: row for row in document["settings"]}
    assert rows["voice"] == {
        "name": "voice",
        "value": "b",
        "origin": {"kind": "user", "where": f"{path}:6", "profile": "x"},
        "refused": None,
    }
    assert rows["metrics.port"]["value"] is None


@pytest.mark.parametrize("arguments", [["show"], ["show", "--origin"], ["show", "--json"]])
def test_no_key_is_shown_wherever_it_is(keeper, arguments):
    keeper.user(USER)
    told = keeper.call(
        "config", *arguments,
        OPENAI_API_KEY=CANARY, AZURE_OPENAI_API_KEY=f"azure-CANARY-{CANARY}", XAI_API_KEY="CANARY no form",
        OPENAI_BASE_URL="https://user:CANARY@h.example/v1?api-key=CANARY", TRUNKLINE_MODEL=CANARY,
    )  # fmt: skip
    assert told.exception is None
    assert "CANARY" not in told.output
    assert told.output.count("********") >= 5
    for variable in ("OPENAI_API_KEY", "XAI_API_KEY"):
        assert (variable in told.output) is (len(arguments) > 1)


def test_path_says_which_files_are_read_and_whether_they_are_there(keeper, tmp_path):
    path = keeper.user("")
    project = keeper.project_folder / "trunkline.toml"
    assert _shown(keeper, "config", "path").splitlines() == [
        f"project  {project} (not there)",
        f"user     {path} (there)",
    ]
    named = tmp_path / "n.toml"
    assert f"named    {named} (not there)" in _shown(keeper, "--config", str(named), "config", "path")  # fmt: skip
    assert _shown(keeper, "--no-config", "config", "path") == ""


def test_check_says_that_a_file_is_well(keeper):
    path = keeper.user(USER)
    assert _shown(keeper, "config", "check") == f"{path}: well, 5 settings; profiles: x\n"
    path.unlink()
    assert _shown(keeper, "config", "check") == "there is no file of settings\n"


def test_check_says_everything_that_is_wrong_also_what_only_an_option_knows(keeper, tmp_path):
    path = write(
        tmp_path / "mine.toml",
        f"modle = 'a'\napi_key = '{CANARY}'\n[sound]\necho = 'x'\n[console]\nmin_score = 101\n"
        "[profile.p.translate]\nstyle = 'x'\n[profile.q]\ncolor = 'x'\n",
    )
    told = keeper.call("config", "check", str(path))
    assert str(told.exception) == "config: 6 mistakes"
    lines = told.output.splitlines()
    for begin in (
        f"{path}:1: modle: ",
        f"{path}:2: api_key: ",
        f"{path}:4: sound.echo: 'x' is not one of",
        f"{path}:6: console.min_score: 101.0 is not in the range",
        f"{path}:8: profile.p.translate.style: 'x' is not one of",
        f"{path}:10: profile.q.color: 'x' is not one of",
    ):
        assert any(line.startswith(begin) for line in lines), begin
    assert "CANARY" not in told.output


def test_check_reads_a_project_s_file_as_one(keeper):
    path = keeper.project("api_key_cmd = 'pass'\n")
    told = keeper.call("config", "check", str(path))
    assert "only your own file may say this, and a project's" in told.output
    other = write(keeper.project_folder / "other.toml", "api_key_cmd = 'pass'\n")
    assert keeper.call("config", "check", str(other)).exception is None
    assert keeper.call("config", "check", str(other), "--as-project").exception is not None
    with pytest.raises(ConfigError, match="there is no such file"):
        raise keeper.call("config", "check", "nope.toml").exception


def test_show_of_a_wrong_file_says_what_is_wrong(keeper):
    keeper.user("modle = 1\n")
    assert "did you mean model?" in str(keeper.call("config", "show").exception)
