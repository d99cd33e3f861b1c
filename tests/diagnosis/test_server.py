"""A server asked over HTTP and for a session: answers, refusals, clocks; on real sockets."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from diagnosis.places import KEY, answer, subject
from transports.misbehaving import answering, free_port, keep_silent, run, server
from trunkline.diagnosis.finding import Cause, Finding, Outcome
from trunkline.diagnosis.server import check_clock, check_http, check_upgrade, judge_skew
from trunkline.diagnosis.subject import Subject
from trunkline.simulator.server import SimulatorServer
from trunkline.transports.dialing import DialLimits


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY_FILE", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def asked(check, said: bytes, heard: list[bytes] | None = None) -> Finding:
    async def scenario():
        async with server(answering(said, heard)) as port:
            return await check(subject(port, limits=DialLimits(upgrade=1.0)))

    finding = run(scenario())
    assert "canary" not in repr(finding)
    return finding


# HTTP.


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "404 Not Found", "421 No"])
def test_any_answer_of_an_api_is_an_answer(status: str):
    finding = asked(check_http, answer(status, "Content-Type: application/json", body=b"{}"))
    assert finding.outcome is Outcome.OK
    assert finding.fact.endswith("reached")


@pytest.mark.parametrize(
    ("said", "outcome", "words"),
    [
        (answer("200 OK", "Content-Type: text/html", body=b"<html>Welcome"), "warning", "Welcome"),
        (answer("302 Found", "Location: http://login.test/?token=canary"), "warning", "redirects"),
        (answer("503 Service Unavailable"), "warning", "overloaded"),
        (answer("511 Network Authentication Required"), "failure", "login"),
        (b"220 mail.test ESMTP\r\n\r\n", "failure", "not a WebSocket server"),
    ],
    ids=["portal", "redirect", "trouble", "login", "no HTTP"],
)
def test_what_is_no_answer_of_an_api_is_told(said: bytes, outcome: str, words: str):
    finding = asked(check_http, said)
    assert finding.outcome.value == outcome
    assert words in finding.fact
    assert finding.advice


def test_the_request_shows_no_key():
    heard: list[bytes] = []
    asked(check_http, answer("200 OK"), heard)
    assert heard[0].startswith(b"GET /v1 HTTP/1.1\r\n")
    assert b"canary" not in heard[0]


def test_a_port_that_refuses_is_the_network_s_failure():
    finding = run(check_http(subject(free_port())))
    assert (finding.outcome, finding.cause) == (Outcome.FAILURE, Cause.NETWORK)


# The clock.


@pytest.mark.parametrize(("ahead", "outcome"), [(0, "ok"), (120, "warning"), (-3600, "warning")])
def test_the_clock_is_compared_with_the_server_s(ahead: int, outcome: str):
    async def scenario():
        said = answer("200 OK", f"Date: {formatdate(time.time() + ahead, usegmt=True)}")
        async with server(answering(said)) as port:
            where = subject(port)
            await check_http(where)
            return await check_clock(where)

    finding = run(scenario())
    assert finding.outcome.value == outcome
    assert abs(finding.details["skew_s"] - ahead) < 3


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (0.4, "within a second"),
        (-3.0, "3 s ahead"),
        (3.0, "3 s behind"),
        (6.0, "6 s behind the server's"),
        (-90.0, "90 s ahead of the server's"),
    ],
)
def test_which_clock_is_ahead_is_said(skew: float, words: str):
    finding = judge_skew(skew)
    assert words in finding.fact
    assert ("ephemeral keys" in finding.advice) is (abs(skew) > 5)


def test_an_answer_without_a_date_compares_nothing():
    assert run(check_clock(subject(1))).outcome is Outcome.NOT_APPLICABLE


# A session.


@pytest.mark.parametrize(
    ("status", "cause", "words"),
    [
        ("401 Unauthorized", Cause.KEY, "the key was not accepted"),
        ("403 Forbidden", Cause.KEY, "no access"),
        ("404 Not Found", Cause.PROTOCOL, "nothing at this address"),
        ("426 Upgrade Required", Cause.PROTOCOL, "another protocol"),
        ("429 Too Many Requests", Cause.SERVER, "too many requests"),
        ("503 Service Unavailable", Cause.SERVER, "overloaded"),
        ("200 OK", Cause.PROTOCOL, "like a web page"),
        ("302 Found", Cause.PROTOCOL, "redirects"),
    ],
)
def test_a_refused_upgrade_is_told_apart_by_the_table_of_verdicts(status, cause, words):
    finding = asked(check_upgrade, answer(status, "Retry-After: 7", body=f"no {KEY}".encode()))
    assert (finding.outcome, finding.cause) == (Outcome.FAILURE, cause)
    assert words in finding.fact
    assert "Retry-After: 7 s" in finding.advice


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_without_a_key_a_server_that_wants_one_is_reached(monkeypatch, status: str):
    monkeypatch.delenv("OPENAI_API_KEY")
    finding = asked(check_upgrade, answer(status))
    assert finding.outcome is Outcome.OK
    assert finding.fact.startswith("reached; it wants a key")
    assert asked(check_upgrade, answer("404 Not Found")).outcome is Outcome.FAILURE


def test_with_a_key_that_is_none_the_server_is_asked_without(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "no key")
    assert asked(check_upgrade, answer("401 Unauthorized")).outcome is Outcome.OK


def test_a_server_that_keeps_silent_is_left_in_time():
    async def scenario():
        async with server(keep_silent) as port:
            return await check_upgrade(subject(port, limits=DialLimits(upgrade=0.1)))

    finding = run(scenario())
    assert finding.cause is Cause.NETWORK
    assert "timed out" in finding.fact


def simulated(**settings) -> tuple[Finding, list]:
    async def scenario():
        async with SimulatorServer(**settings) as simulator:
            where = Subject(endpoint=subject(simulator.port).endpoint, model="gpt-realtime-2.1")
            return await check_upgrade(where), simulator.sessions

    return run(scenario())


def test_a_session_is_opened_and_left_without_a_sound_or_a_request():
    finding, sessions = simulated()
    assert finding.outcome is Outcome.OK, finding
    assert finding.fact.startswith("a session of gpt-realtime-2.1 (lookup ")
    assert set(finding.details["phases_ms"]) == {"lookup", "tcp", "upgrade", "session"}
    assert len(sessions) == 1
    assert (sessions[0].appended_ms, sessions[0].responses, sessions[0].received) == (0, [], [])


@pytest.mark.parametrize(
    ("key", "cause", "words"),
    [
        ("wrong-canary-0123456789", Cause.KEY, "the key was not accepted"),
        ("sk-test-no-quota", Cause.SERVER, "no credit"),
        ("sk-test-no-access", Cause.SERVER, "not open to this account"),
    ],
)
def test_a_refusal_behind_the_upgrade_is_told_by_its_reason(monkeypatch, key, cause, words):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    finding, _ = simulated()
    assert (finding.outcome, finding.cause) == (Outcome.FAILURE, cause)
    assert words in finding.fact
    assert "0123456789" not in repr(finding)


def test_a_refusal_behind_the_upgrade_without_a_key_is_reached_as_well(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    finding, _ = simulated()
    assert finding.outcome is Outcome.OK
    assert "it wants a key" in finding.fact
