"""The key: there or not, from where, of what kind; never what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnosis.places import KEY, key_in, subject
from transports.misbehaving import run
from trunkline.client.credentials import Secret, Token
from trunkline.client.endpoint import Endpoint
from trunkline.client.standing import Standing, standing_by
from trunkline.diagnosis.finding import Finding, Outcome
from trunkline.diagnosis.key import check_key, key_of
from trunkline.diagnosis.subject import Subject

NAMES = (
    "OPENAI_API_KEY",
    "OPENAI_API_KEY_FILE",
    "OPENAI_API_KEY_KEYRING",
    "AZURE_OPENAI_API_KEY",
    "XAI_API_KEY",
)


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def found(where: Subject | None = None) -> Finding:
    finding = run(check_key(where or subject(1)))
    assert "canary" not in repr(finding)
    return finding


def test_no_key_is_a_warning_that_says_where_one_would_be_looked_for():
    finding = found()
    assert finding.outcome is Outcome.WARNING
    assert "OPENAI_API_KEY_FILE" in finding.advice
    assert finding.details["present"] is False
    assert key_of(Subject(endpoint=Endpoint.openai())) is None


def test_a_keyring_is_named_and_not_asked(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY_KEYRING", "home/me")
    finding = found()
    assert finding.outcome is Outcome.WARNING
    assert "OPENAI_API_KEY_KEYRING" in finding.fact
    assert "no key" not in finding.fact
    assert key_of(Subject(endpoint=Endpoint.openai())) is None


def test_a_key_of_the_environment_is_told_by_its_last_characters_only(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    finding = found()
    assert finding.outcome is Outcome.OK
    assert repr(Secret(KEY)) in finding.fact
    assert finding.fact.startswith("a lasting key ")
    assert finding.fact.endswith("from OPENAI_API_KEY, shown as the header Authorization")


def test_an_ephemeral_key_is_told_as_one_and_how_it_is_shown(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "ek_canary_0123456789")
    finding = found()
    assert finding.details["kind"] == "an ephemeral key"
    assert finding.details["shown_as"] == "a subprotocol"


def test_each_server_has_its_own_variable(monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "canary-0123456789")
    azure = Subject(endpoint=Endpoint.azure("https://x.openai.azure.com"), model="m")
    assert found(azure).details["shown_as"] == "the header api-key"
    assert found().outcome is Outcome.WARNING


def test_a_key_in_a_file_is_told_with_its_place_and_mode(monkeypatch, tmp_path: Path):
    path = key_in(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(path))
    finding = found()
    assert finding.outcome is Outcome.OK
    assert f"from the file {path} (mode 600)" in finding.fact


def test_a_file_beside_a_variable_is_not_read_and_that_is_said(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "gone"))
    assert found().fact.endswith("OPENAI_API_KEY_FILE is set, too, and not read")


def test_a_file_that_others_may_read_or_that_is_not_there_is_a_failure(monkeypatch, tmp_path):
    path = key_in(tmp_path, 0o644)
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(path))
    finding = found()
    assert finding.outcome is Outcome.FAILURE
    assert f"OPENAI_API_KEY_FILE: others may read {path} (mode 644)" in finding.fact
    path.unlink()
    assert "No such file" in found().fact


def test_a_value_that_is_no_key_is_a_failure(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test canary")
    finding = found()
    assert finding.outcome is Outcome.FAILURE
    assert finding.fact.startswith("OPENAI_API_KEY: the key holds characters")


@pytest.mark.parametrize("given", ["sk-test-told-0123456789", Secret("sk-test-told-0123456789")])
def test_a_key_that_the_process_was_told_comes_first(monkeypatch, given):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    asked = []

    def credential(variable: str, is_ours: bool):
        asked.append((variable, is_ours))
        return lambda: given

    with standing_by(Standing(credential=credential)):
        key = key_of(Subject(endpoint=Endpoint.openai(), is_told=False))
        assert key == Secret("sk-test-told-0123456789")
    assert asked == [("OPENAI_API_KEY", False)]
    with standing_by(Standing(credential=lambda *_: Token(Secret("k-0123456789"), 1e12))):
        assert key_of(Subject(endpoint=Endpoint.openai())) == Secret("k-0123456789")
