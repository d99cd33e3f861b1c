"""What the kernel's TCP is asked to do for a link, and what it tells.

Linux has all of it; elsewhere the options are left out one by one and the link works without. The numbers are those of
`include/uapi/linux/tcp.h`; Python 3.11 has no names for them.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from array import array

from trunkline.transports.base import Arrivals, Kernel, Progress

__all__ = ["acked_bytes", "arrivals", "progress", "reset_on_close", "tune"]

_IS_LINUX = sys.platform.startswith("linux")
_TCP_USER_TIMEOUT = 18
_TCP_NOTSENT_LOWAT = 25
_TCP_RTO_MAX_MS = 44
# Of struct tcp_info: tcpi_rtt and tcpi_rttvar (68), tcpi_total_retrans (100), tcpi_bytes_acked (120) and
# tcpi_bytes_received (128), both since Linux 4.1, tcpi_notsent_bytes (144), tcpi_min_rtt (148); times in microseconds.
# The last two came together, with Linux 4.6.
_TCP_INFO = struct.Struct("=68xII24xI16xQ16xII")
_ACKED = struct.Struct("=120xQ")
_RECEIVED = struct.Struct("=128xQ")
_MICROSECOND = 1e-6
# uvloop's sockets raise the second for a descriptor that is closed.
_GONE = (OSError, ValueError)

_OPTIONS = (
    # Audio that hides unsent in the kernel can be neither counted nor taken back, and pings wait behind it. Less than
    # 16 KiB gained nothing more on a link of 25 kB/s (docs/measuring.md).
    (_TCP_NOTSENT_LOWAT, 16 * 1024),
    # The kernel tries again at least each second, not each two, four, eight: a stall of 2 s shows its end
    # within a second, before the link would be taken for dead. Linux 6.15 and later; the least it takes.
    (_TCP_RTO_MAX_MS, 1000),
    # Belt and braces: later than our own rule can be (three times 10 s), for a process whose event loop stands still.
    (_TCP_USER_TIMEOUT, 35_000),
)


def tune(sock: socket.socket | None) -> None:
    """Sets the options that this kernel knows."""
    if sock is None or not _IS_LINUX:
        return
    for option, value in _OPTIONS:
        with contextlib.suppress(*_GONE):
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def reset_on_close(sock: socket.socket | None) -> None:
    """Closing will throw away what is unsent: else the kernel goes on telling it to a session that was left."""
    if sock is not None:
        with contextlib.suppress(*_GONE):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def acked_bytes(sock: socket.socket | None) -> int | None:
    """Of `progress` only what shows that the peer's kernel lives, for a third of the time."""
    return None if sock is None else _counted(sock, _ACKED)


def arrivals(sock: socket.socket | None) -> Arrivals:
    """What came from the peer, and what of it waits to be read; asked only before a link is taken for dead."""
    if sock is None or sys.platform == "win32":
        return Arrivals(received_bytes=None, unread_bytes=0)
    from fcntl import ioctl  # noqa: PLC0415 - Windows has none
    from termios import FIONREAD  # noqa: PLC0415 - nor this

    # First, since what comes in between must not be taken for read.
    received, unread = _counted(sock, _RECEIVED), array("i", [0])
    with contextlib.suppress(*_GONE):
        ioctl(sock.fileno(), FIONREAD, unread)
    return Arrivals(received_bytes=received, unread_bytes=unread[0])


def _counted(sock: socket.socket, form: struct.Struct) -> int | None:
    """One number of TCP_INFO; None where the kernel does not tell."""
    if not _IS_LINUX:
        return None
    try:
        (count,) = form.unpack(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, form.size))
    except (*_GONE, struct.error):
        return None
    return int(count)


def progress(sock: socket.socket | None, waiting_bytes: int) -> Progress:
    """From TCP_INFO where the kernel is Linux (8 µs); elsewhere only what waits in the event loop."""
    if sock is None or not _IS_LINUX:
        return Progress(acked_bytes=None, unsent_bytes=waiting_bytes)
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
        rtt, rtt_var, retransmits, acked, unsent, rtt_min = _TCP_INFO.unpack(info)
    except (*_GONE, struct.error):
        return Progress(acked_bytes=None, unsent_bytes=waiting_bytes)
    kernel = Kernel(
        rtt=_seconds(rtt),
        rtt_var=_seconds(rtt_var) if rtt else None,
        rtt_min=_seconds(rtt_min) if rtt else None,
        retransmits=retransmits,
        unsent_bytes=unsent,
    )
    return Progress(acked_bytes=acked, unsent_bytes=waiting_bytes + unsent, kernel=kernel)


def _seconds(microseconds: int) -> float | None:
    # Zero, or all ones for the least of nothing, before anything was measured (tcp_min_rtt of an empty window).
    return None if microseconds in (0, 0xFFFF_FFFF) else microseconds * _MICROSECOND
