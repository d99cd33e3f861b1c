"""`trunkline doctor`: its table, its document, its codes; other servers: scenarios/test_link_checks.py."""

from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner, Result

from cli.running import KEY, simulator, trunkline
from trunkline.cli import doctor as command
from trunkline.diagnosis import checks
from trunkline.diagnosis.examination import Check
from trunkline.diagnosis.finding import Cause, Finding, failed, not_applicable, ok, warned
from trunkline.errors import ConfigError


def giving(finding: Finding, *, on_network: bool = False):
    async def make(_):
        return finding

    return make


def table(*findings: Finding, on_network: bool = False) -> tuple[Check, ...]:
    return tuple(
        Check(name=f"check {number}", run=giving(each), limit=1, on_network=on_network)
        for number, each in enumerate(findings)
    )


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch):
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def run(*arguments: str, made: tuple[Check, ...]) -> Result:
        monkeypatch.setattr(checks, "CHECKS", made)
        return CliRunner().invoke(command.doctor, arguments)

    return run


def test_each_check_is_a_row_with_its_advice_below(doctor):
    slow = warned("slow", "wait")
    told = doctor(made=table(ok("fine"), slow, not_applicable("no sound"), slow))
    assert told.exit_code == 0
    rows = told.output.splitlines()
    assert rows[:4] == [
        "ok             check 0      fine",
        "warning        check 1      slow",
        "                            > wait",
        "not applicable check 2      no sound",
    ]
    assert rows[6].startswith("1 ok, 2 warnings, 1 not applicable in 0.")


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([ok(""), warned("", "")], 0),
        ([failed("", "")], 1),
        ([failed("", "", cause=Cause.SERVER)], 1),
        ([failed("", "", cause=Cause.KEY), ok("")], 4),
        ([failed("", "", cause=Cause.NETWORK)], 6),
        ([failed("", "", cause=Cause.PROTOCOL)], 7),
        ([failed("", "", cause=Cause.NETWORK), failed("", "")], 1),
    ],
)
def test_the_code_is_that_of_the_cause_that_rules(doctor, findings: list[Finding], code: int):
    assert doctor(made=table(*findings)).exit_code == code
    told = doctor("--json", made=table(*findings))
    assert told.exit_code == code
    assert json.loads(told.output)["ok"] is (code == 0)


def test_the_document_has_every_check_with_its_details(doctor):
    finding = failed("no such name", "look", cause=Cause.NETWORK, addresses=[], took_ms=1.5)
    told = doctor(
        "--json", "--base-url", "https://host.test/v1", "--model", "m", made=table(finding)
    )
    said = json.loads(told.output)
    seconds, took = said.pop("seconds"), said["checks"][0].pop("took_ms")
    assert seconds >= 0
    assert took >= 0
    assert said == {
        "schema": "trunkline.doctor/1",
        "ok": False,
        "cause": "network",
        "base_url": "https://host.test/v1",
        "model": "m",
        "offline": False,
        "checks": [
            {
                "name": "check 0",
                "result": "failure",
                "fact": "no such name",
                "advice": "look",
                "details": {"addresses": [], "took_ms": 1.5},
            }
        ],
    }


def test_offline_says_that_the_network_was_left_out(doctor):
    told = doctor("--offline", made=table(failed("", "", cause=Cause.NETWORK), on_network=True))
    assert told.exit_code == 0
    assert "left out: --offline" in told.output
    assert told.output.rstrip().endswith("the network was left out (--offline)")


def test_rows_are_shown_as_they_are_done(doctor, monkeypatch: pytest.MonkeyPatch):
    shown: list[str] = []
    monkeypatch.setattr(command.click, "echo", shown.append)

    async def last(_):
        while not shown:
            await asyncio.sleep(0)
        return ok("after the first was shown")

    doctor(made=(*table(ok("first")), Check(name="last", run=last, limit=5)))
    assert [row.split()[0] for row in shown[:2]] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("url", "words"),
    [("http://host/v1", "without TLS"), ("https://x.openai.azure.com", "deployment")],
)
def test_what_cannot_be_examined_is_an_error_of_settings(doctor, url: str, words: str):
    told = doctor("--base-url", url, made=())
    assert isinstance(told.exception, ConfigError)
    assert words in str(told.exception)
    assert doctor("--nonsense", made=()).exit_code == 2


def test_a_server_that_works_is_told_as_one_and_the_key_by_nobody():
    with simulator() as base_url:
        run = trunkline("doctor", "--json", OPENAI_API_KEY=KEY, OPENAI_BASE_URL=base_url)
    said = json.loads(run.stdout)
    results = {one["name"]: one["result"] for one in said["checks"]}
    assert run.returncode == 0, said
    assert said["ok"] is True
    for name in ("python", "extension", "key", "name", "connection", "http", "clock", "session"):
        assert results[name] == "ok", said
    assert results["self-test"] in ("ok", "warning"), said
    assert results["tls"] == "not applicable"
    assert KEY not in run.stdout + run.stderr
    assert run.stderr == ""


def test_without_a_network_the_rest_is_checked_all_the_same(doctor):
    told = doctor("--offline", made=checks.CHECKS)
    assert told.output.count("left out: --offline") == 6
    assert "over a link that broke" in told.output


def test_a_server_that_is_not_there_is_one_failure_and_6(doctor):
    quick = tuple(check for check in checks.CHECKS if check.name != "self-test")
    told = doctor("--base-url", "http://127.0.0.1:9/v1", made=quick)
    assert told.exit_code == 6, told.output
    assert told.output.count("\nfailure ") == 1
    assert "not checked: it needs connection, which failed" in told.output
