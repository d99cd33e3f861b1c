"""Which server a command dials, and with which key; last with a real one, and commands that print keys."""

from __future__ import annotations

import asyncio
import json
import sys

import click
import pytest

from cli.conftest import write
from cli.running import KEY, simulator, trunkline
from trunkline.cli.dialing import dial_options, standing_of
from trunkline.cli.settings.values import Settings
from trunkline.client.config import config_of
from trunkline.client.credentials import KeySource, reveal_credential
from trunkline.client.standing import standing_by
from trunkline.errors import ConfigError

VARIABLE = "OPENAI_API_KEY"
CANARY = "sk-CANARY-0123456789abcdef"


@click.command()
@dial_options
@click.pass_context
def _dialed(ctx: click.Context) -> None:
    """Prints what a line would be told."""
    with standing_by(standing_of(ctx, Settings.read(profile=ctx.obj or ""))):
        config = config_of()
        key = asyncio.run(reveal_credential(config.credential))
    click.echo(f"{config.server().base_url} {key.reveal()}")


def _dial(*arguments: str, profile: str = "", **variables: str) -> str:
    from click.testing import CliRunner

    told = CliRunner().invoke(
        _dialed, list(arguments), env=variables, obj=profile, standalone_mode=False
    )
    if told.exception is not None:
        raise told.exception
    return told.output.strip()


def _printing(key: str) -> str:
    return json.dumps([sys.executable, "-c", f"print('{key}')"])


@pytest.fixture
def files(keeper):
    """A user with a key for everything, and one for another server."""
    write(keeper.user_folder / "work.key", "work-key-0123\n")
    keeper.user(
        f"api_key_cmd = {_printing('user-key-0123')}\n"
        "[profile.work]\nbase_url = 'https://w.example/v1'\napi_key_file = 'work.key'\n"
        "[profile.bare]\nbase_url = 'https://b.example/v1'\n"
    )
    return keeper


OPENAI = "https://api.openai.com/v1"
XAI = "https://api.x.ai/v1"


@pytest.mark.parametrize(
    ("profile", "variables", "address", "key"),
    [
        ("", {}, OPENAI, "user-key-0123"),
        ("", {VARIABLE: "env-key-0123"}, OPENAI, "env-key-0123"),
        ("", {"OPENAI_BASE_URL": "https://e.example/v1"}, "https://e.example/v1", "user-key-0123"),
        # The one place where a file comes before the environment.
        ("work", {VARIABLE: "env-key-0123"}, "https://w.example/v1", "work-key-0123"),
        ("work", {"OPENAI_BASE_URL": "https://e.example/v1"}, "https://e.example/v1", "user-key-0123"),
        ("bare", {VARIABLE: "env-key-0123"}, "https://b.example/v1", "env-key-0123"),
        ("bare", {}, "https://b.example/v1", "user-key-0123"),
        ("", {"OPENAI_BASE_URL": XAI, "XAI_API_KEY": "x-key-0123"}, XAI, "x-key-0123"),
    ],
)  # fmt: skip
def test_the_key_goes_with_the_address(files, profile, variables, address, key):
    assert _dial(profile=profile, **variables) == f"{address} {key}"


def test_options_come_before_everything(files, tmp_path):
    flagged = write(tmp_path / "k", "flag-key-0123")
    said = _dial(
        "--base-url", "https://f.example/v1", "--api-key-file", str(flagged),
        profile="work", OPENAI_API_KEY="env-key-0123", OPENAI_BASE_URL="https://e.example/v1",
    )  # fmt: skip
    assert said == "https://f.example/v1 flag-key-0123"
    # Work's key is for work's server, whatever is said.
    said = _dial("--base-url", "https://f.example/v1", profile="work")
    assert said == "https://f.example/v1 user-key-0123"


def test_a_key_file_that_others_may_read_is_refused(files, tmp_path):
    flagged = write(tmp_path / "k", "flag-key-0123", mode=0o644)
    with pytest.raises(ConfigError, match="others may read"):
        _dial("--api-key-file", str(flagged))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("api_key_file = 'gone'", "No such file"),
        ("api_key_cmd = 'false'", "false ended with 1"),
        ("api_key_cmd = 'no-such-program'", "there is no program"),
    ],
)
def test_a_key_that_cannot_be_had_is_told_at_once_and_not_dialed_for(keeper, text, words):
    keeper.user(f"{text}\n")
    with (
        standing_by(standing_of(click.Context(_dialed), Settings.read())),
        pytest.raises(ConfigError, match=words),
    ):
        config_of()


def test_a_file_that_the_environment_names_is_looked_at_at_once_too(keeper):
    with pytest.raises(ConfigError, match="No such file"):
        _dial(OPENAI_API_KEY_FILE="/nowhere")


def test_a_command_is_asked_before_the_line_dials_and_again_when_its_key_is_refused(keeper):
    code = "open('runs', 'a').write('x'); print('key-0123456789')"
    keeper.user(f"api_key_cmd = {json.dumps([sys.executable, '-c', code])}\n")
    runs = keeper.user_folder / "runs"

    async def dial() -> list[int]:
        # In a loop, as a program might.
        source = KeySource.of(config_of().credential)
        config_of()
        counts = [len(runs.read_text())]
        for refresh in (False, False, True):
            await source.key(refresh=refresh)
            counts.append(len(runs.read_text()))
        return counts

    with standing_by(standing_of(click.Context(_dialed), Settings.read())):
        assert asyncio.run(asyncio.wait_for(dial(), 30)) == [1, 1, 1, 2]


def test_nothing_is_looked_at_before_a_line_is_dialed(files):
    files.project("base_url = 'https://evil.example/v1'\n")
    ctx = click.Context(_dialed)
    standing = standing_of(ctx, Settings.read())
    with pytest.raises(ConfigError, match=r"trunkline.toml:1: base_url: https://evil.example/v1"):
        standing.base_url()
    # A server that is named in another way does not ask.
    with standing_by(standing):
        config_of(base_url=OPENAI, api_key="k")


def test_a_project_cannot_send_the_user_s_key_elsewhere(files):
    files.project("base_url = 'https://evil.example/v1'\n")
    for variables in ({}, {VARIABLE: CANARY}):
        with pytest.raises(ConfigError, match="would be shown your key"):
            _dial(**variables)
    assert _dial(OPENAI_BASE_URL=OPENAI) == f"{OPENAI} user-key-0123"


def test_an_address_that_the_user_has_listed_gets_the_user_s_key(files):
    files.project("base_url = 'https://team.example/v1'\n")
    files.user(
        f"trusted_base_urls = ['https://team.example/v1']\napi_key_cmd = {_printing('user-key-0123')}\n"
    )
    assert _dial() == "https://team.example/v1 user-key-0123"


def test_organisation_and_project_are_told_and_the_environment_first(files, monkeypatch):
    files.user("organization = 'org-1'\nproject = 'proj-1'\n")
    with standing_by(standing_of(click.Context(_dialed), Settings.read())):
        config = config_of(api_key="k")
        assert (config.organization, config.project) == ("org-1", "proj-1")
        monkeypatch.setenv("OPENAI_ORG_ID", "org-2")
        assert config_of(api_key="k").organization == "org-2"


def test_there_is_no_option_for_a_key_and_a_key_in_its_place_is_not_repeated():
    for option in ("--api-key", "--key"):
        told = trunkline("talk", option, CANARY)
        assert told.returncode == 2
        assert "A key is no option" in told.stderr
        assert "CANARY" not in told.stderr + told.stdout
    told = trunkline("explain", "--json", "error", CANARY)
    assert told.returncode == 2
    assert "CANARY" not in told.stderr + told.stdout


# Commands that examine.


def _examined(*arguments: str, keeper, **variables: str) -> dict:
    told = keeper.call("doctor", "--offline", "--json", *arguments, **variables)
    assert told.output, told.exception
    return json.loads(told.output)


def _key_check(document: dict) -> dict:
    return next(each for each in document["checks"] if each["name"] == "key")


def test_a_doctor_looks_at_the_server_and_the_key_that_a_line_would_have(files):
    files.user(
        f"model = 'gpt-realtime-2'\nbase_url = 'https://u.example/v1'\napi_key_cmd = {_printing('CANARY-0123456789')}\n"
    )
    document = _examined(keeper=files, OPENAI_API_KEY="sk-test-of-the-environment")
    assert document["base_url"] == "https://u.example/v1"
    assert document["model"] == "gpt-realtime-2"
    found = _key_check(document)
    assert (found["result"], found["details"]["source"]) == ("ok", "settings")
    assert "CANARY" not in json.dumps(document)
    # Another server, so another key.
    document = _examined("--base-url", OPENAI, keeper=files, OPENAI_API_KEY="sk-test-of-the-environment")  # fmt: skip
    assert _key_check(document)["details"]["source"] == "OPENAI_API_KEY"


def test_a_doctor_says_which_key_cannot_be_had(files):
    files.user("api_key_cmd = 'false'\n")
    found = _key_check(_examined(keeper=files))
    assert found["result"] == "failure"
    assert "api_key_cmd: false ended with 1" in found["fact"]


def test_no_stranger_s_server_is_examined_with_the_user_s_key(files):
    files.project("base_url = 'https://evil.example/v1'\n")
    for command in (["doctor", "--offline"], ["probe"]):
        told = files.call(*command, OPENAI_API_KEY=CANARY)
        assert "would be shown your key" in str(told.exception)


# With a server.


@pytest.fixture(scope="module")
def base_url():
    with simulator() as address:
        yield address


def test_a_command_that_prints_the_key_is_run_once_where_its_file_is(keeper, base_url):
    script = write(keeper.user_folder / "key.py", f"""
import os, pathlib, sys
with open('runs', 'a') as runs:
    runs.write(os.getcwd() + '\\n')
print('{CANARY}', file=sys.stderr)
print(sys.stdin.read() + '{KEY}')
""")  # fmt: skip
    keeper.user(f"base_url = '{base_url}'\napi_key_cmd = ['{sys.executable}', '{script}']\n")
    told = trunkline("secret", "--json", XDG_CONFIG_HOME=str(keeper.user_folder.parent))
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["value"].startswith("ek_")
    assert "CANARY" not in told.stdout + told.stderr
    assert KEY not in told.stdout + told.stderr
    assert (keeper.user_folder / "runs").read_text() == f"{keeper.user_folder}\n"


def test_a_stranger_s_project_runs_nothing_and_gets_nothing(keeper, base_url):
    marker = keeper.project_folder / "ran"
    keeper.project(f"api_key_cmd = ['touch', '{marker}']\n")
    told = trunkline("secret", OPENAI_API_KEY=KEY, OPENAI_BASE_URL=base_url)
    assert told.returncode == 2
    assert "api_key_cmd: only your own file may say this" in told.stderr
    assert not marker.exists()
    keeper.project(f"base_url = '{base_url}'\n")
    told = trunkline("secret", OPENAI_API_KEY=KEY)
    assert told.returncode == 2
    assert "would be shown your key" in told.stderr
    assert KEY not in told.stderr


def test_a_key_is_read_from_standard_input(keeper, base_url):
    told = trunkline("secret", "--api-key-file", "-", "--base-url", base_url, given=f"{KEY}\n")
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("ek_")
    empty = trunkline("secret", "--api-key-file", "-", "--base-url", base_url, given="")
    assert empty.returncode == 2
    assert "the key is empty" in empty.stderr
