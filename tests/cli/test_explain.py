"""What an end means, asked on the command line."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner, Result

from cli.running import trunkline
from trunkline.cli.explain import explain
from trunkline.protocol.closure import CODE_MEANINGS
from trunkline.protocol.verdicts import RULES, Fault


def ask(*words: str) -> Result:
    return CliRunner().invoke(explain, list(words))


def answer(*words: str) -> dict:
    result = ask(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_a_close_without_credit_is_final_although_its_code_says_try_again():
    result = trunkline("explain", "1013", "insufficient_quota.credit_balance_exhausted")
    assert result.returncode == 0
    assert result.stderr == ""
    assert result.stdout.startswith("close 1013, insufficient_quota.credit_balance_exhausted\n")
    assert re.search(r"^cause +the account has no credit$", result.stdout, re.MULTILINE)
    assert re.search(r"^the line +stops", result.stdout, re.MULTILINE)
    assert re.search(r"^you +add credit", result.stdout, re.MULTILINE)
    assert re.search(r"^row +reason:insufficient_quota\*", result.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "disposition", "floor"),
    [
        (["1006"], "retry", 0.0),
        (["1013"], "retry", 5.0),
        (["1001", "Your session hit the maximum duration of 60 minutes."], "rotate", 0.0),
        (["1001", "Your", "session", "hit", "the", "maximum", "duration"], "rotate", 0.0),
        (["4444"], "fatal", 0.0),
        (["2000"], "retry", 1.0),
        (["http", "429"], "retry", 1.0),
        (["http", "429", "30"], "retry", 30.0),
        (["http", "503", "99999"], "retry", 300.0),
        (["HTTP", "503", "Thu, 01 Jan 1970 00:00:00 GMT"], "retry", 0.5),
        (["error", "model_not_found"], "fatal", 0.0),
        (["exception", "gaierror"], "retry", 0.0),
        (["exception", "ssl.SSLCertVerificationError"], "fatal", 0.0),
        (["exception", "InvalidStatus"], "retry", 15.0),
        (["exception", "MemoryError"], "retry", 1.0),
        (["exception", "CERTIFICATE_DATE"], "fatal", 0.0),
    ],
)
def test_each_form_is_understood(words: list[str], disposition: str, floor: float):
    told = answer(*words)
    assert (told["disposition"], told["floor_delay"]) == (disposition, floor)
    assert told["cause"]
    assert told["source"]


def test_what_changes_with_the_second_time_is_told():
    assert answer("1002")["repeated"] == "2 times within 600 s: fatal"
    told = answer("http", "401")
    assert told["refresh_credential"]
    assert "fatal" in told["repeated"]
    assert "warning" in answer("exception", "NO_SUCH_NAME")["repeated"]
    assert "is asked for again" in ask("http", "401").output
    assert "not before" in ask("http", "200").output


@pytest.mark.parametrize("code", sorted(CODE_MEANINGS))
def test_every_code_has_its_meaning_told(code: int):
    assert answer(str(code))["meaning"] == CODE_MEANINGS[code]


@pytest.mark.parametrize("fault", Fault.__members__)
def test_every_fault_can_be_asked_for(fault: str):
    assert answer("exception", fault)["cause"] == Fault[fault].value


def test_without_words_the_whole_table_is_shown():
    text = ask().output
    rows = json.loads(ask("--json").output)
    assert [row["row"] for row in rows] == [*(rule.match for rule in RULES), "*"]
    for rule in RULES:
        assert rule.match in text
        assert rule.advice in text


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["999"],
        ["5000"],
        ["1" * 5000],
        ["-1006"],
        ["http"],
        ["http", "abc"],
        ["http", "99"],
        ["http", "429", "soon"],
        ["http", "429", "1", "2"],
        ["error"],
        ["error", "no_such_code"],
        ["exception"],
        ["exception", "KeyError"],
        ["exception", "NoSuchError"],
        ["exception", "getaddrinfo"],
        ["\x1b]0;title\x07"],
    ],
)
def test_what_is_not_known_is_refused_with_the_forms_there_are(words: list[str]):
    result = ask("--", *words)
    assert result.exit_code == 2
    assert "trunkline explain CODE [REASON]" in result.output
    assert "\x1b" not in result.output
    assert len(result.output) < 1500


def test_what_a_server_said_is_cleaned_before_it_is_shown():
    assert "\x1b" not in ask("4000", "\x1b]52;c;x\x07").output
    assert "\x1b" not in answer("4000", "\x1b]52;c;x\x07")["asked"]
