"""The way to a server: proxy, name, connections; on real sockets where one can be had."""

from __future__ import annotations

import asyncio
import socket

import pytest

from diagnosis.places import answer, subject
from transports.misbehaving import answering, deaf_port, free_port, keep_silent, run, server
from trunkline.client.endpoint import Endpoint
from trunkline.diagnosis import network
from trunkline.diagnosis.finding import Cause, Finding, Outcome
from trunkline.diagnosis.network import Connected, judge_connections, judge_name
from trunkline.diagnosis.subject import Subject
from trunkline.protocol.closure import Closure, Fault
from trunkline.transports.dialing import DialLimits

V4, V6 = socket.AF_INET, socket.AF_INET6
SERVER = Endpoint.openai("https://api.test/v1")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch):
    for name in network._PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def far() -> Subject:
    return Subject(endpoint=SERVER, model="m", limits=DialLimits(name=0.05))


# The proxy.


def proxies() -> Finding:
    return run(network.check_proxy(far()))


def test_without_a_proxy_nothing_is_named():
    assert (proxies().outcome, proxies().fact) == (Outcome.OK, "none is named")


def test_a_proxy_is_told_without_what_stands_before_its_at(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:canary@gate.test:3128/path")
    monkeypatch.setenv("NO_PROXY", "localhost,.internal")
    finding = proxies()
    assert finding.outcome is Outcome.OK
    assert finding.fact == (
        "api.test through gate.test:3128 "
        "(HTTPS_PROXY=http://…@gate.test:3128, NO_PROXY=localhost,.internal)"
    )
    assert "canary" not in repr(finding)


def test_a_server_that_is_exempt_goes_without(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("https_proxy", "gate.test:3128")
    monkeypatch.setenv("no_proxy", "api.test")
    assert proxies().fact.endswith("; none is used for api.test")


def test_a_kind_of_proxy_that_is_not_supported_is_a_failure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://user:canary@gate.test:1080")
    finding = proxies()
    assert finding.outcome is Outcome.FAILURE
    assert "http:// proxy" in finding.advice
    assert "canary" not in repr(finding)


# The name.


def test_the_addresses_of_this_machine_are_found_and_kept():
    here = subject(1)
    finding = run(network.check_name(here))
    assert finding.outcome is Outcome.OK
    assert finding.details["addresses"] == {"IPv4": ["127.0.0.1"]}
    assert here.addresses == [(V4, ("127.0.0.1", 1))]


def resolving(monkeypatch: pytest.MonkeyPatch, outcome) -> list[str]:
    asked: list[str] = []

    async def look_up(host, port):
        asked.append(host)
        if outcome is None:
            await asyncio.Event().wait()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(network, "look_up", look_up)
    return asked


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "the host name does not exist"),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), "name not resolved"),
        (None, "no answer within 0.05 s"),
    ],
    ids=["no such name", "no name server", "silence"],
)
def test_a_name_without_an_address_is_a_failure_of_the_network(monkeypatch, outcome, words):
    resolving(monkeypatch, outcome)
    finding = run(network.check_name(far()))
    assert (finding.outcome, finding.cause) == (Outcome.FAILURE, Cause.NETWORK)
    assert "api.test" in finding.fact
    assert words in finding.fact


def test_behind_a_proxy_it_is_the_proxy_s_name_that_is_looked_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://gate.test:3128")
    asked = resolving(monkeypatch, [(V4, ("10.0.0.1", 3128))])
    finding = run(network.check_name(far()))
    assert asked == ["gate.test"]
    assert finding.fact.startswith("the proxy gate.test:3128 in ")


def test_addresses_are_told_by_family_and_a_slow_answer_is_a_warning():
    addresses = [
        (V6, ("2001:db8::1", 443, 0, 0)),
        (V6, ("2001:db8::1", 443, 0, 0)),
        (V4, ("192.0.2.1", 443)),
    ]
    quick = judge_name("api.test", addresses, 0.02)
    assert quick.fact == "api.test in 20 ms: IPv6 2001:db8::1; IPv4 192.0.2.1"
    assert quick.outcome is Outcome.OK
    assert judge_name("api.test", addresses, 0.9).outcome is Outcome.WARNING


# Connections.


def connected(*addresses, limit: float = 3.0) -> Finding:
    where = subject(1, limits=DialLimits(tcp=limit))
    where.addresses = list(addresses)
    return run(network.check_connection(where))


def test_a_port_that_is_open_is_connected_to():
    async def scenario():
        async with server(keep_silent) as port:
            where = subject(port)
            where.addresses = [(V4, ("127.0.0.1", port))]
            return await network.check_connection(where)

    finding = run(scenario())
    assert finding.outcome is Outcome.OK
    assert finding.details["families"]["IPv4"]["error"] is None


def test_a_port_that_refuses_and_one_that_keeps_silent_are_two_failures():
    refused = connected((V4, ("127.0.0.1", free_port())))
    assert (refused.outcome, refused.cause) == (Outcome.FAILURE, Cause.NETWORK)
    assert "connection refused" in refused.fact
    with deaf_port() as port:
        silent = connected((V4, ("127.0.0.1", port)), limit=0.1)
    assert "timed out" in silent.fact
    assert "firewall" in silent.advice


def test_a_family_that_is_not_there_is_no_failure_while_the_other_works():
    async def scenario():
        async with server(answering(answer("200 OK"))) as port:
            where = subject(port)
            # Refused, or not to be had on a machine without IPv6.
            where.addresses = [(V6, ("::1", free_port(), 0, 0)), (V4, ("127.0.0.1", port))]
            return await network.check_connection(where)

    finding = run(scenario())
    assert finding.outcome is Outcome.OK
    assert "IPv6 ::1: " in finding.fact
    assert "IPv4 127.0.0.1 in " in finding.fact


def made(family: str, took: float, fault: Fault | None = None) -> Connected:
    closure = None if fault is None else Closure(fault=fault)
    return Connected(family=family, address="::1", took=took, closure=closure)


def test_the_gap_between_both_families_is_told():
    finding = judge_connections([made("IPv6", 0.030), made("IPv4", 0.010)])
    assert finding.fact.endswith("IPv4 sooner by 20.0 ms")
    assert finding.details["gap_ms"] == -20.0


def test_a_favourite_that_never_answers_costs_each_dial_and_is_a_warning():
    finding = judge_connections([made("IPv6", 3.0, Fault.TIMEOUT), made("IPv4", 0.01)])
    assert finding.outcome is Outcome.WARNING
    assert "250 ms" in finding.advice
    quick = judge_connections([made("IPv6", 0.0, Fault.UNREACHABLE), made("IPv4", 0.01)])
    assert quick.outcome is Outcome.OK


def test_of_two_failures_the_one_that_is_no_missing_route_gives_the_advice():
    tries = [made("IPv6", 0.0, Fault.UNREACHABLE), made("IPv4", 0.0, Fault.REFUSED)]
    assert "is the server running" in judge_connections(tries).advice
    unrouted = judge_connections(tries[:1])
    assert unrouted.advice == "check this machine's network"
    assert judge_connections([]).outcome is Outcome.NOT_APPLICABLE
