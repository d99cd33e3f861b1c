"""Dials that cannot succeed, phase by phase, on real sockets and with real certificates."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import errno
import os
import resource
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
import trustme

from transports.misbehaving import (
    HEADERS,
    KEY,
    NOBODY,
    answering,
    deaf_port,
    free_port,
    keep_silent,
    refusal,
    run,
    server,
)
from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Disposition, Fault, Phase, judge
from trunkline.transports import dialing, lookup
from trunkline.transports.base import Target
from trunkline.transports.dialing import Dialer, DialLimits, phase, stopwatch
from trunkline.transports.websocket import WebSocketTransport

V4, V6 = socket.AF_INET, socket.AF_INET6


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def served_with(certificate: trustme.LeafCert, *, newest=ssl.TLSVersion.MAXIMUM_SUPPORTED):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = newest
    certificate.configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def refused(handler, *, served: ssl.SSLContext | None, tls: ssl.SSLContext, **limits) -> Closure:
    async def scenario():
        async with server(handler, served) as port:
            return await refusal(f"wss://127.0.0.1:{port}/v1", tls=tls, **limits)

    return run(scenario())


# Names.


def test_a_resolver_that_hangs_is_left_at_its_deadline(monkeypatch: pytest.MonkeyPatch):
    free = threading.Event()
    real = socket.getaddrinfo

    def hang(host, *arguments, **options):
        if options.get("flags"):
            return real(host, *arguments, **options)
        free.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    monkeypatch.setattr(lookup.socket, "getaddrinfo", hang)
    closure = run(refusal("ws://host.test/v1", name=0.05))
    free.set()
    assert (closure.fault, closure.phase) == (Fault.TIMEOUT, Phase.NAME)
    assert closure.detail == "no answer within 0.05 s"


def test_a_name_that_does_not_exist_is_told_as_that(monkeypatch: pytest.MonkeyPatch):
    def nobody(*arguments, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(lookup.socket, "getaddrinfo", nobody)
    closure = run(refusal("ws://nonexistent.invalid/v1"))
    assert (closure.fault, closure.phase) == (Fault.NO_SUCH_NAME, Phase.NAME)


@pytest.mark.parametrize(
    "addresses", [["192.0.2.1"], ["127.0.0.1", "192.0.2.1"], ["::ffff:192.0.2.1"]]
)
def test_without_tls_a_name_that_leads_elsewhere_is_not_dialed(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
):
    found = [(V6 if ":" in one else V4, (one, 80)) for one in addresses]
    _resolving(monkeypatch, *found)
    monkeypatch.setattr(dialing, "_attempt", pytest.fail)
    closure = run(refusal("ws://localhost/v1"))
    assert (closure.fault, closure.phase) == (Fault.NOT_HERE, Phase.NAME)
    assert judge(closure).disposition is Disposition.FATAL
    assert "192.0.2.1" in closure.detail


# Connections.


def test_a_host_that_drops_our_packets_is_left_at_its_deadline():
    with deaf_port() as port:
        closure = run(refusal(f"ws://127.0.0.1:{port}/v1", tcp=0.1))
    assert (closure.fault, closure.phase) == (Fault.TIMEOUT, Phase.TCP)


def test_a_closed_port_is_told_at_once():
    closure = run(refusal(f"ws://127.0.0.1:{free_port()}/v1"))
    assert (closure.fault, closure.phase) == (Fault.REFUSED, Phase.TCP)


def _resolving(monkeypatch: pytest.MonkeyPatch, *addresses: tuple) -> None:
    async def look_up(host, port):
        return list(addresses)

    monkeypatch.setattr(dialing, "look_up", look_up)


def test_the_next_address_is_tried_when_one_refuses_and_beside_one_that_keeps_silent(
    monkeypatch: pytest.MonkeyPatch,
):
    async def scenario(first: int):
        async with server(answering(b"HTTP/1.1 503 busy\r\nContent-Length: 0\r\n\r\n")) as port:
            _resolving(monkeypatch, (V4, ("127.0.0.1", first)), (V4, ("127.0.0.1", port)))
            began_at = time.monotonic()
            closure = await refusal("ws://host.test/v1")
            return closure.status, time.monotonic() - began_at

    status, took = run(scenario(free_port()))
    assert status == 503
    assert took < 0.2
    with deaf_port() as deaf:
        status, took = run(scenario(deaf))
    assert status == 503
    assert 0.2 < took < 2.0


def test_a_late_first_address_still_wins_over_refusals(monkeypatch: pytest.MonkeyPatch):
    async def scenario():
        async with server(answering(b"HTTP/1.1 503 busy\r\nContent-Length: 0\r\n\r\n")) as port:
            slow = (V4, ("127.0.0.1", port))
            attempt = dialing._attempt

            async def late(address):
                if address == slow:
                    await asyncio.sleep(0.3)
                return await attempt(address)

            monkeypatch.setattr(dialing, "_attempt", late)
            _resolving(monkeypatch, slow, (V4, ("127.0.0.1", free_port())))
            return (await refusal("ws://host.test/v1")).status

    assert run(scenario()) == 503


def test_the_failure_that_says_most_is_told(monkeypatch: pytest.MonkeyPatch):
    async def fail(address):
        family, (_, port) = address
        raise OSError(errno.ENETUNREACH if family is V6 else port, "x")

    monkeypatch.setattr(dialing, "_attempt", fail)
    _resolving(monkeypatch, (V6, ("::1", 1)), (V4, ("127.0.0.1", errno.ECONNREFUSED)))
    assert run(refusal("ws://host.test/v1")).fault is Fault.REFUSED
    _resolving(monkeypatch, (V6, ("::1", 1)))
    assert run(refusal("ws://host.test/v1")).fault is Fault.UNREACHABLE


def test_families_are_tried_by_turns():
    addresses = [(V6, ("a", 1)), (V6, ("b", 1)), (V4, ("c", 1)), (V4, ("d", 1))]
    order = [where[0] for _, where in dialing._interleaved(addresses)]
    assert order == ["a", "c", "b", "d"]
    assert dialing._interleaved([]) == []


def test_a_second_winner_is_dropped(monkeypatch: pytest.MonkeyPatch):
    made = []

    async def quick(address):
        made.append(socket.socket())
        await asyncio.sleep(0)
        return made[-1]

    async def at_once(attempts, *, wait_all):
        await asyncio.gather(*attempts)
        return attempts.pop(0).result() if wait_all else None

    monkeypatch.setattr(dialing, "_attempt", quick)
    monkeypatch.setattr(dialing, "_winner", at_once)

    async def scenario():
        winner = await dialing._race([None, None])
        await asyncio.sleep(0)
        assert [sock is winner for sock in made] == [True, False]
        assert [sock.fileno() == -1 for sock in made] == [False, True]
        winner.close()

    run(scenario())


def test_files_run_out_and_that_is_said():
    async def scenario():
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        highest = max(int(name) for name in _descriptors())
        taken: list[int] = []
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 2, hard))
        try:
            with contextlib.suppress(OSError):
                taken.extend(iter(lambda: os.dup(0), -1))
            return await refusal("ws://127.0.0.1:9/v1")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for descriptor in taken:
                os.close(descriptor)

    closure = run(scenario())
    assert (closure.fault, closure.phase) == (Fault.LOCAL_RESOURCES, Phase.TCP)
    verdict = judge(closure)
    assert (verdict.disposition, verdict.cause) == (Disposition.RETRY, "local resources exhausted")


def test_a_phase_that_runs_out_of_memory_says_so():
    async def scenario():
        async with phase(Phase.TLS, 1.0):
            raise MemoryError

    with pytest.raises(LinkClosed, match="local resources exhausted while shaking hands"):
        run(scenario())


# TLS.


def test_a_certificate_we_trust_lets_the_upgrade_begin_and_the_key_through(authority: trustme.CA):
    heard: list[bytes] = []
    answer = answering(b"HTTP/1.1 503 busy\r\nContent-Length: 0\r\n\r\n", heard)
    served = served_with(authority.issue_cert("127.0.0.1"))
    closure = refused(answer, served=served, tls=trusting(authority))
    assert closure.status == 503
    assert KEY.encode() in heard[0]


def test_an_expired_certificate_is_final_and_hints_at_the_clock(authority: trustme.CA):
    past = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
    certificate = authority.issue_cert(
        "127.0.0.1", not_before=past, not_after=past.replace(year=2002)
    )
    closure = refused(keep_silent, served=served_with(certificate), tls=trusting(authority))
    assert (closure.fault, closure.phase) == (Fault.CERTIFICATE_DATE, Phase.TLS)
    assert "clock" in judge(closure).advice


def test_a_certificate_of_tomorrow_hints_at_the_clock_too(authority: trustme.CA):
    future = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)
    certificate = authority.issue_cert(
        "127.0.0.1", not_before=future, not_after=future.replace(year=2091)
    )
    closure = refused(keep_silent, served=served_with(certificate), tls=trusting(authority))
    assert closure.fault is Fault.CERTIFICATE_DATE


@pytest.mark.parametrize("name", ["10.9.8.7", "other.test"])
def test_a_certificate_for_another_host_is_final(authority: trustme.CA, name: str):
    served = served_with(authority.issue_cert(name))
    closure = refused(keep_silent, served=served, tls=trusting(authority))
    assert closure.fault is Fault.CERTIFICATE_NAME
    assert judge(closure).disposition is Disposition.FATAL


def test_a_certificate_of_nobody_is_final_and_hints_at_the_proxy(authority: trustme.CA):
    served = served_with(trustme.CA().issue_cert("127.0.0.1"))
    closure = refused(keep_silent, served=served, tls=trusting(authority))
    assert closure.fault is Fault.CERTIFICATE_ISSUER
    assert "CA bundle" in judge(closure).advice


def _strict(authority: trustme.CA) -> ssl.SSLContext:
    context = trusting(authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _picky(authority: trustme.CA) -> ssl.SSLContext:
    context = trusting(authority)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-CHACHA20-POLY1305")
    return context


@pytest.mark.parametrize("ours", [_strict, _picky], ids=["version", "cipher"])
def test_tls_that_has_nothing_in_common_with_ours_is_a_mismatch(authority: trustme.CA, ours):
    served = served_with(authority.issue_cert("127.0.0.1"), newest=ssl.TLSVersion.TLSv1_2)
    served.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384")

    def serve(listening: socket.socket) -> None:
        # Not asyncio's server: it hangs up without saying why.
        connection, _ = listening.accept()
        with contextlib.suppress(OSError), served.wrap_socket(connection, server_side=True):
            pass
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        port = listening.getsockname()[1]
        closure = run(refusal(f"wss://127.0.0.1:{port}/v1", tls=ours(authority)))
        thread.join(5)
    assert (closure.fault, closure.phase) == (Fault.TLS_MISMATCH, Phase.TLS)


def test_a_port_that_talks_plainly_is_no_tls_port(authority: trustme.CA):
    async def plain(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    closure = refused(plain, served=None, tls=trusting(authority))
    assert (closure.fault, closure.phase) == (Fault.NOT_TLS, Phase.TLS)


@pytest.mark.parametrize("linger", [False, True], ids=["FIN", "RST"])
def test_a_server_that_hangs_up_in_the_handshake_is_retried(authority: trustme.CA, linger: bool):
    async def hang_up(reader, writer):
        await reader.read(1)
        if linger:
            writer.transport.abort()

    closure = refused(hang_up, served=None, tls=trusting(authority))
    assert closure.phase is Phase.TLS
    assert judge(closure, times=5).disposition is Disposition.RETRY


def test_a_handshake_that_never_comes_is_left_at_its_deadline(authority: trustme.CA):
    async def scenario():
        async with server(keep_silent) as port:
            strict = WebSocketTransport(tls=trusting(authority), dialer=Dialer(DialLimits(tls=0.1)))
            with pytest.raises(LinkClosed, match="timed out while shaking hands"):
                await strict.dial(Target(url=f"wss://127.0.0.1:{port}/v1"), NOBODY)

    run(scenario())


# The upgrade.


def test_an_upgrade_that_is_not_answered_is_left_at_its_deadline():
    async def scenario():
        async with server(keep_silent) as port:
            return await refusal(f"ws://127.0.0.1:{port}/v1", upgrade=0.1)

    closure = run(scenario())
    assert (closure.fault, closure.phase) == (Fault.TIMEOUT, Phase.UPGRADE)


@pytest.mark.parametrize("target", ["/else", "https://other.test/x", "ws://127.0.0.1:1/v1"])
def test_a_redirect_is_followed_nowhere(target: str):
    heard: list[bytes] = []
    answer = f"HTTP/1.1 307 Go\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()

    async def scenario():
        async with server(answering(answer, heard)) as port:
            return await refusal(f"ws://127.0.0.1:{port}/v1")

    closure = run(scenario())
    assert (closure.fault, closure.status) == (Fault.REDIRECT, 307)
    assert judge(closure).disposition is Disposition.FATAL
    assert len(heard) == 1


# Leaving.


async def _cancelled(url: str, tls: ssl.SSLContext) -> None:
    """Leaves a dial in the middle, and looks at what stayed: no time, no task."""
    before = asyncio.all_tasks()
    dialing_task = asyncio.create_task(
        WebSocketTransport(tls=tls).dial(Target(url=url, headers=HEADERS), NOBODY)
    )
    await asyncio.sleep(0.1)
    serving = asyncio.all_tasks() - before - {dialing_task}
    began_at = time.monotonic()
    dialing_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dialing_task
    assert time.monotonic() - began_at < 0.5
    left = asyncio.all_tasks() - before
    assert {task for task in left if "_attempt" in repr(task)} == set()
    assert left <= serving


@pytest.mark.parametrize("scheme", ["wss", "ws"], ids=["in TLS", "in the upgrade"])
def test_a_dial_that_is_left_in_the_middle_hangs_up(authority: trustme.CA, scheme: str):
    async def scenario():
        gone = asyncio.Event()

        async def patient(reader, writer):
            await keep_silent(reader, writer)
            gone.set()

        async with server(patient) as port:
            await _cancelled(f"{scheme}://127.0.0.1:{port}/v1", trusting(authority))
            await asyncio.wait_for(gone.wait(), 2)

    run(scenario())


def _descriptors() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


def test_a_dial_that_is_left_while_connecting_leaves_no_socket(authority: trustme.CA):
    async def scenario(url: str):
        before = _descriptors()
        await _cancelled(url, trusting(authority))
        assert _descriptors() == before

    with deaf_port() as port:
        run(scenario(f"ws://127.0.0.1:{port}/v1"))


# What it took.


def test_a_stopwatch_sums_the_parts_of_a_phase_and_names_them_in_the_order_of_a_dial():
    async def scenario():
        with stopwatch() as watch:
            for where in (Phase.TLS, Phase.NAME, Phase.TLS):
                async with phase(where, 1.0):
                    await asyncio.sleep(0.001)
        async with phase(Phase.UPGRADE, 1.0):
            pass
        return dict(watch.phases())

    took = run(scenario())
    assert list(took) == ["lookup", "tls"]
    assert took["tls"] >= 0.002


def test_two_dials_at_the_same_time_have_a_stopwatch_each():
    async def one(where: Phase):
        with stopwatch() as watch:
            async with phase(where, 1.0):
                await asyncio.sleep(0)
        return [name for name, _ in watch.phases()]

    async def scenario():
        return await asyncio.gather(one(Phase.TCP), one(Phase.PROXY))

    assert run(scenario()) == [["tcp"], ["proxy"]]
