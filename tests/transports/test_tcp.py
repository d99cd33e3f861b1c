"""What the kernel is asked and what it tells."""

from __future__ import annotations

import contextlib
import socket
import sys
import time

import pytest

from trunkline.transports import tcp
from trunkline.transports.base import Arrivals, Progress

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="options of Linux")


@pytest.fixture
def pair():
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
        with ours, theirs:
            yield ours, theirs


@LINUX
def test_little_is_kept_unsent_in_the_kernel(pair):
    ours, _ = pair
    tcp.tune(ours)
    assert ours.getsockopt(socket.IPPROTO_TCP, 25) == 16 * 1024
    assert ours.getsockopt(socket.IPPROTO_TCP, 18) == 35_000


@LINUX
def test_what_is_unsent_is_told_and_stays_little(pair):
    ours, _ = pair
    tcp.tune(ours)
    ours.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            ours.send(bytes(2000))
    # On loopback one segment is as long as 64 KiB, and the kernel looks between segments; without, it takes 2.5 MB.
    assert 0 < tcp.progress(ours, 100).unsent_bytes - 100 < 128 * 1024


@LINUX
def test_what_the_peer_acknowledged_is_told(pair):
    ours, theirs = pair
    before = tcp.progress(ours, 0).acked_bytes
    ours.sendall(bytes(1000))
    theirs.recv(1000)
    for _ in range(100):
        if tcp.progress(ours, 0).acked_bytes == before + 1000:
            return
        time.sleep(0.01)
    raise AssertionError("1000 bytes arrived and were never acknowledged")


@LINUX
def test_what_came_is_told_apart_from_what_was_read_of_it(pair):
    ours, theirs = pair
    assert tcp.arrivals(ours) == Arrivals(received_bytes=0, unread_bytes=0)
    theirs.sendall(bytes(1000))
    assert ours.recv(1) == b"\0"
    for _ in range(100):
        if tcp.arrivals(ours).received_bytes == 1000:
            break
        time.sleep(0.01)
    assert tcp.arrivals(ours) == Arrivals(received_bytes=1000, unread_bytes=999)
    ours.recv(999)
    assert tcp.arrivals(ours) == Arrivals(received_bytes=1000, unread_bytes=0)


def test_of_a_link_that_is_gone_nothing_waits(pair):
    nothing = Arrivals(received_bytes=None, unread_bytes=0)
    assert tcp.arrivals(None) == nothing
    pair[0].close()
    assert tcp.arrivals(pair[0]) == nothing


@LINUX
def test_the_kernel_tells_its_round_trips_and_retransmissions(pair):
    ours, theirs = pair
    ours.sendall(b"ping")
    theirs.recv(4)
    for _ in range(100):
        kernel = tcp.progress(ours, 0).kernel
        if kernel.rtt is not None and kernel.unsent_bytes == 0:
            break
        time.sleep(0.01)
    # On loopback a round trip is between a microsecond and, on a machine that has much to do, a second.
    assert 1e-6 <= kernel.rtt < 1.0
    assert 0 < kernel.rtt_min <= kernel.rtt * 1.01 + 1e-3
    assert kernel.rtt_var < 1.0
    assert kernel.retransmits == 0


@LINUX
def test_what_waits_in_the_kernel_is_told_apart_from_what_waits_before_it(pair):
    ours, _ = pair
    ours.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            ours.send(bytes(20_000))
    told = tcp.progress(ours, 100)
    assert told.kernel.unsent_bytes == told.unsent_bytes - 100 > 0


@LINUX
def test_a_connection_that_has_measured_nothing_knows_no_round_trip():
    with socket.socket() as idle:
        kernel = tcp.progress(idle, 0).kernel
    assert (kernel.rtt, kernel.rtt_var, kernel.rtt_min) == (None, None, None)


def test_a_link_that_is_left_is_reset(pair):
    ours, theirs = pair
    tcp.reset_on_close(ours)
    ours.close()
    with pytest.raises(ConnectionResetError):
        theirs.recv(1)


def test_a_socket_that_is_closed_or_absent_tells_nothing_and_takes_nothing():
    gone = socket.socket()
    gone.close()
    for sock in (gone, None):
        tcp.tune(sock)
        tcp.reset_on_close(sock)
        assert tcp.progress(sock, 7) == Progress(acked_bytes=None, unsent_bytes=7)


def test_another_system_works_without(pair, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tcp, "_IS_LINUX", False)
    ours, _ = pair
    tcp.tune(ours)
    assert tcp.progress(ours, 7).acked_bytes is None


@LINUX
def test_a_socket_that_is_gone_is_no_error_in_whatever_words_it_says_so():
    class Gone:
        """uvloop's, once its connection is closed: it makes a socket of a descriptor that is -1."""

        def __getattr__(self, name):
            def fail(*_):
                raise ValueError("negative file descriptor")

            return fail

    tcp.tune(Gone())
    tcp.reset_on_close(Gone())
    assert tcp.progress(Gone(), 7) == Progress(acked_bytes=None, unsent_bytes=7)
