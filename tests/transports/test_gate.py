"""The gate: every exception of the system and of the library is a closure."""

from __future__ import annotations

import contextlib
import email.utils
import errno
import socket
import ssl
import time

import pytest
import websockets.exceptions
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response

from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Closure, Disposition, Fault, Phase, judge
from trunkline.transports.gate import closure_of, fault_of_class, first_words, retry_after_of


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (ssl.SSLCertVerificationError("expired"), Fault.CERTIFICATE),
        (ssl.SSLError("nothing known"), Fault.TLS),
        (ssl.SSLEOFError("hung up"), Fault.TLS),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), Fault.NO_SUCH_NAME),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), Fault.NAME),
        (socket.gaierror(socket.EAI_MEMORY, "Out of memory"), Fault.LOCAL_RESOURCES),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), Fault.REFUSED),
        (ConnectionResetError(errno.ECONNRESET, "reset"), Fault.RESET),
        (BrokenPipeError(errno.EPIPE, "pipe"), Fault.RESET),
        (TimeoutError("timed out during opening handshake"), Fault.TIMEOUT),
        (OSError(errno.ENETUNREACH, "unreachable"), Fault.UNREACHABLE),
        (OSError(errno.EMFILE, "too many files"), Fault.LOCAL_RESOURCES),
        (OSError(errno.ETIMEDOUT, "timed out"), Fault.TIMEOUT),
        (OSError(errno.ENOBUFS, "no buffers"), Fault.LOCAL_RESOURCES),
        (RuntimeError("can't start new thread"), Fault.LOCAL_RESOURCES),
        (OSError("nothing known"), Fault.UNREACHABLE),
        (MemoryError(), Fault.LOCAL_RESOURCES),
        (EOFError("stream ends"), Fault.END),
        (ValueError("invalid HTTP status line"), Fault.HANDSHAKE),
        (RuntimeError("anything else"), Fault.INTERNAL),
    ],
)
def test_each_system_error_is_one_kind_of_fault(error: BaseException, fault: Fault):
    closure = closure_of(error)
    assert closure.fault is fault
    assert type(error).__name__ in closure.detail


def _all_exceptions_of_the_library() -> list[type[BaseException]]:
    found = [getattr(websockets.exceptions, name) for name in websockets.exceptions.__all__]
    return [kind for kind in found if isinstance(kind, type) and issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", _all_exceptions_of_the_library(), ids=lambda kind: kind.__name__)
def test_no_exception_of_the_library_is_unexpected(kind: type[BaseException]):
    closure = closure_of(_with_facts(kind))
    assert closure.fault is not Fault.INTERNAL
    assert judge(closure).advice


def _with_facts(kind: type[BaseException]) -> BaseException:
    """One of the kind, made with the first facts by which it can also be told."""
    response = Response(503, "", Headers())
    for facts in ((None, None), (response,), (), ("x",), ("x", "y"), ("x", "y", "z", 0), (2, 1)):
        with contextlib.suppress(Exception):
            error = kind(*facts)
            str(error)
            return error
    raise AssertionError(f"this test does not know how to make a {kind.__name__}")


def test_a_close_code_from_the_server_is_the_closure():
    error = ConnectionClosedError(Close(1011, "internal error"), Close(1011, ""), True)
    assert closure_of(error) == Closure(code=1011, reason="internal error")


def test_a_goodbye_of_the_server_is_no_fault_of_ours():
    error = ConnectionClosedOK(Close(1001, "going away"), Close(1001, ""), True)
    assert closure_of(error) == Closure(code=1001, reason="going away")


def test_what_we_refused_is_told_with_our_code():
    error = ConnectionClosedError(None, Close(1009, "over size limit"), None)
    closure = closure_of(error)
    assert (closure.fault, closure.by_us) == (Fault.TOO_BIG, True)
    assert closure.detail == "over size limit"
    for code, fault in ((1002, Fault.FRAMING), (1007, Fault.FRAMING), (1011, Fault.INTERNAL)):
        closure = closure_of(ConnectionClosedError(None, Close(code, "why"), None))
        assert (closure.code, closure.fault, closure.by_us) == (code, fault, True)
    assert closure_of(ConnectionClosedError(Close(1011, "why"), None)).fault is None


def test_our_own_goodbye_is_by_us():
    assert closure_of(ConnectionClosedOK(None, Close(1000, ""), None)).by_us


def test_a_break_without_a_close_frame_names_its_cause():
    error = ConnectionClosedError(None, None)
    assert closure_of(error) == Closure(code=1006, fault=Fault.END)
    error.__cause__ = ConnectionResetError(errno.ECONNRESET, "reset")
    assert closure_of(error) == Closure(code=1006, fault=Fault.RESET)


def _delay_of(header: str) -> float:
    closure = closure_of(InvalidStatus(Response(429, "", Headers({"Retry-After": header}))))
    assert closure.retry_after is not None
    return closure.retry_after


def test_retry_after_is_read_as_seconds():
    assert _delay_of("7") == 7


def test_retry_after_is_read_as_a_date_and_a_date_that_passed_is_no_delay():
    now = time.time()
    assert 3500 < _delay_of(email.utils.formatdate(now + 3600, usegmt=True)) <= 3600
    assert _delay_of(email.utils.formatdate(now - 30, usegmt=True)) == 0


def test_a_retry_after_that_means_nothing_is_ignored():
    error = InvalidStatus(Response(429, "", Headers({"Retry-After": "soon"})))
    assert closure_of(error).retry_after is None


def test_a_date_is_read_by_the_servers_clock_if_it_tells_it():
    later, now = email.utils.formatdate(1_000_060, usegmt=True), email.utils.formatdate(1_000_000)
    assert retry_after_of({"Retry-After": later, "Date": now}) == 60.0
    assert retry_after_of({"Retry-After": later, "Date": "noon"}) == 0.0


@pytest.mark.parametrize(
    "value", ["9" * 400, "", "Thu, 99 Foo 2026", "1e3", "Mon, 01 Jan 0001 00:00:00"]
)
def test_a_retry_after_that_nobody_can_wait_for_does_no_harm(value: str):
    retry_after_of({"Retry-After": value})


def test_the_phase_is_kept_and_an_inner_one_is_not_overwritten():
    assert closure_of(OSError("x"), Phase.TCP).phase is Phase.TCP
    inner = LinkClosed(Closure(fault=Fault.NAME, phase=Phase.NAME))
    assert closure_of(inner, Phase.PROXY).phase is Phase.NAME
    assert closure_of(LinkClosed(Closure(fault=Fault.NAME)), Phase.PROXY).phase is Phase.PROXY


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://user:secret@other.example/path?token=x", "to https://other.example"),
        ("ws://other.example:8?x", "to ws://other.example:8"),
        ("/elsewhere?token=x", "to another path"),
    ],
)
def test_a_redirect_names_the_origin_it_points_to_and_nothing_more(location: str, shown: str):
    closure = closure_of(InvalidStatus(Response(307, "", Headers({"Location": location}))))
    assert (closure.detail, closure.fault) == (shown, Fault.REDIRECT)
    assert judge(closure).disposition is Disposition.FATAL


def test_what_a_server_said_is_cut_and_cleaned():
    assert first_words(b"\x1b]0;x\x07 <html>" + b"y" * 500).startswith("\u241b]0;x")
    assert len(first_words(b"z" * 500)) == 200


@pytest.mark.parametrize(
    ("kind", "fault"),
    [(BrokenPipeError, Fault.RESET), (KeyError, None), (OSError, Fault.UNREACHABLE)],
)
def test_a_class_alone_says_what_its_instances_say(kind: type[Exception], fault: Fault | None):
    assert fault_of_class(kind) is fault
