"""What a document may say, and how it is told that it may not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from trunkline.cli.settings.check import checked

DOUBT = "a project's file may be anybody's"
KEY = "sk-CANARY-0123456789abcdef"


def _check(text: str, doubt: str = "", folder: Path = Path("/f")):
    return checked(tomllib.loads(text), folder=folder, doubt=doubt)


def _words(text: str, doubt: str = "") -> list[str]:
    return [f"{'.'.join(each.keys)}: {each.words}" for each in _check(text, doubt).problems]


def test_values_are_kept_by_profile_and_name():
    found = _check(
        'model = "a"\nlog.format = "json"\n[profile.x]\nmodel = "b"\n[profile.x.sound]\necho = "none"\n[profile.y]\n'
    )
    assert found.problems == []
    assert found.values == {
        ("", "model"): "a",
        ("", "log.format"): "json",
        ("x", "model"): "b",
        ("x", "sound.echo"): "none",
    }
    assert found.keys["x", "sound.echo"] == ("profile", "x", "sound", "echo")
    assert found.profiles == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("modle = 'a'", "modle: there is no such setting; did you mean model?"),
        ("echo = 'gate'", "echo: there is no such setting; did you mean sound.echo?"),
        ("[sound]\necko = 1", "sound.ecko: there is no such setting; did you mean sound.echo"),
        ("[profil.x]\nmodel = 'a'", "profil: there is no such setting; did you mean profile"),
        ("[qqq]\na = 1", "qqq: there is no such setting; `trunkline config show` lists them"),
        ("[profile.x]\nmodle = 'a'", "profile.x.modle: there is no such setting"),
        ("model = 3", "model: it must be a string, not a whole number"),
        ("model = ''", "model: it must be a string, not an empty one"),
        ('model = "a\\u0000b"', "model: it must be a string, not one with a NUL in it"),
        ("ascii = 1", "ascii: it must be true or false, not a whole number"),
        ("[secret]\nttl = true", "secret.ttl: it must be a whole number, not true or false"),
        ("[secret]\nttl = 1.5", "secret.ttl: it must be a whole number, not a number"),
        ("[console]\nwait = nan", "console.wait: it must be a number, not nan or infinity"),
        ("model = 1979-05-27", "model: it must be a string, not a date"),
        ("model = {a = 1}", "model: it must be a string, not a table"),
        ("trusted_base_urls = 'a'", "it must be an array of strings, not a string"),
        (
            "trusted_base_urls = [1]",
            "it must be an array of strings, not an array of something else",
        ),
        ("sound = 'USB'", "sound: it is a table: [sound]"),
        ("profile = 'x'", "profile: a profile is a table: [profile.NAME]"),
        ("[profile]\nx = 1", "profile.x: a profile is a table: [profile.NAME]"),
        ("[telemetry]\npublish = 'yes'", "it must be off, on or control, not 'yes'"),
        ("base_url = 'example'", "base_url: it must look like https://host/v1"),
        ("base_url = 'http://['", "base_url: it is no address"),
        ("base_url = 'https://u:p@h/v1'", "base_url: it holds a credential"),
        ("trusted_base_urls = ['ftp://h']", "it must look like https://host/v1"),
        ("api_key_cmd = ''", "it must be a command"),
        ("api_key_cmd = []", "it must be a command"),
        ("api_key_cmd = 'a \"b'", "api_key_cmd: it is no command: No closing quotation"),
        ("api_key_cmd = './key.sh'", "a program is a name that PATH finds, or a whole path"),
        ("api_key_cmd = ['bin/key']", "a program is a name that PATH finds, or a whole path"),
        ("api_key_cmd = '~nobody-is-so/x'", "nobody is called so here"),
        ("api_key_file = '~nobody-is-so/x'", "nobody is called so here"),
        ("api_key_file = 'a'\napi_key_cmd = 'b'", "there is an api_key_file beside it"),
        ("thresholds = 3", "thresholds: a threshold is a table"),
        ("[thresholds.rtt]\nbad = 1", "thresholds.rtt: is no metric; there are rtt_ms"),
        ("[thresholds.rtt_ms]\nbad = 'x'", "thresholds.rtt_ms.bad: is no number"),
        ("[thresholds.rtt_ms]\nbadd = 1", "thresholds.rtt_ms.badd: is neither"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place_and_what_would_do(text, words):
    told = _words(text)
    assert len(told) == 1
    assert words in told[0]


def test_all_mistakes_are_told_and_each_once():
    assert len(_words("a = 1\nmodel = 2\n[profile.x]\nb = 3\n")) == 3


@pytest.mark.parametrize(
    "text",
    [
        f"api_key = '{KEY}'",
        "api_key = 'no form that anybody knows'",
        "OPENAI_API_KEY = 'x'",
        f"[profile.x]\napi-key = '{KEY}'",
        f"[openai]\ntoken = '{KEY}'",
        f"model = '{KEY}'",
        f"api_key_file = '{KEY}'",
        f"api_key_cmd = 'echo {KEY}'",
        f"api_key_cmd = ['echo', '{KEY}']",
        f"base_url = 'https://h/v1?api_key={KEY}'",
        f"[talk]\ninstructions = 'say {KEY}'",
    ],
)
def test_a_key_is_refused_wherever_it_stands_and_never_repeated(text):
    (told,) = _words(text)
    assert "a key does not belong in a file of settings" in told
    assert "api_key_file" in told
    assert "api_key_cmd" in told
    assert "CANARY" not in told
    assert "no form" not in told


def test_a_profile_may_be_called_as_one_likes():
    assert _words("[profile.key]\nmodel = 'a'\n[profile.token]\n") == []


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("api_key_cmd = 'pass'", True),
        ("api_key_file = 'key'", True),
        ("trusted_base_urls = ['https://evil.example']", True),
        ("[sound]\noutput = 'wav:/home/u/.bashrc'", True),
        ("[log]\nfile = 'x'", True),
        ("[telemetry]\npublish = 'control'", True),
        ("[record]\naudio = true", True),
        ("[metrics]\nremote = true", True),
        ("[profile.x]\napi_key_cmd = 'pass'", True),
        ("model = 'a'\nbase_url = 'https://h/v1'\n[thresholds.rtt_ms]\nbad = 900", False),
    ],
)
def test_a_file_that_is_not_one_s_own_may_say_only_what_harms_nobody(text, is_told):
    told = _words(text, DOUBT)
    assert bool(told) is is_told
    assert all(f"only your own file may say this, and {DOUBT}" in each for each in told)
    assert _words(text) == []


def test_paths_are_those_of_the_file_s_folder_and_the_user_s_home(monkeypatch):
    monkeypatch.setenv("HOME", "/h")
    found = _check("api_key_file = 'a/b'\n[log]\nfile = '~/c'\n[record]\ndirectory = '/d'\n")
    assert [*found.values.values()] == ["/f/a/b", "/h/c", "/d"]


@pytest.mark.parametrize("path", ["../x", "/etc", "~/x", "link/x"])
def test_a_path_of_a_stranger_stays_in_its_folder(tmp_path, path):
    (tmp_path / "link").symlink_to("/")
    text = f"[record]\ndirectory = '{path}'\n"
    (told,) = _check(text, DOUBT, tmp_path).problems
    assert told.words == f"it leads out of the folder of this file, and {DOUBT}"
    assert _check(text, "", tmp_path).problems == []
    assert _check("[record]\ndirectory = 'calls'\n", DOUBT, tmp_path).problems == []


def test_a_command_is_split_as_a_shell_would_and_run_by_none(monkeypatch):
    monkeypatch.setenv("HOME", "/h")
    for text, words in [
        ("'pass show \"my key\"'", ("pass", "show", "my key")),
        ("['a', 'b; rm *']", ("a", "b; rm *")),
        ("'~/bin/key $HOME'", ("/h/bin/key", "$HOME")),
        ("'/bin/key'", ("/bin/key",)),
    ]:
        assert _check(f"api_key_cmd = {text}").values["", "api_key_cmd"] == words


def test_what_a_stranger_writes_cannot_steer_a_terminal():
    (told,) = _words('"\\u001b[2Jx" = 1')
    assert "\x1b" not in _check('"\\u001b[2Jx" = 1').problems[0].words
    assert told
