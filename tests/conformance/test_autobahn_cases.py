"""The Autobahn test suite's cases for clients, by its numbers, with the library's own protocol as the oracle.

The suite itself needs Python 2.7 and so cannot be had everywhere. What its cases send is in its documentation
(fuzzingserver, cases 1 to 10); here the same frames are cut as there: whole, frame by frame, octet by octet. Left out
are sizes above 4 MiB, which are more of the same, and 12 and 13, which are about a compression that is never offered.

Cases 6 ask that text which is not UTF-8 ends the connection. Ours gives it to the reader, as the library does when it
is asked for bytes: it is a malformed message then, and a session outlives it.
"""

from __future__ import annotations

import pytest

from transports.frames import frame, oracle, played
from trunkline.protocol.closure import Fault

TEXT, BINARY, CONT, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
LIMIT_BYTES = 32 * 1024 * 1024
HELLO = b"Hello, world!"
GOODBYE = frame(CLOSE, b"\x03\xe8")


def text(payload: bytes, **kind) -> bytes:
    return frame(TEXT, payload, **kind)


def fragments(opcode: int, payload: bytes, size: int) -> list[bytes]:
    """A message in fragments of so many bytes."""
    parts = [payload[at : at + size] for at in range(0, len(payload), size)]
    return [
        frame(opcode if not index else CONT, part, fin=index == len(parts) - 1)
        for index, part in enumerate(parts)
    ]


def close(code: int | None, reason: bytes = b"") -> list[bytes]:
    return [frame(CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason)]


def sized(opcode: int) -> dict[str, list[bytes]]:
    sizes = (0, 125, 126, 127, 128, 65_535, 65_536)
    return {f"1.{opcode}.{n}": [frame(opcode, b"*" * size)] for n, size in enumerate(sizes, 1)}


PINGS = {
    "2.1": [frame(PING)],
    "2.2": [frame(PING, HELLO)],
    "2.3": [frame(PING, b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff")],
    "2.4": [frame(PING, b"\xfe" * 125)],
    "2.5": [frame(PING, b"\xfe" * 126)],
    "2.7": [frame(PONG)],
    "2.8": [frame(PONG, b"unsolicited pong payload")],
    "2.9": [frame(PONG, b"unsolicited pong payload"), frame(PING, b"ping payload")],
    "2.10": [frame(PING, b"payload-%d" % n) for n in range(10)],
}
RESERVED = {
    "3.1": [text(HELLO, reserved=0x10)],
    "3.2": [text(HELLO), text(HELLO, reserved=0x20), frame(PING)],
    "3.4": [text(HELLO), text(HELLO, reserved=0x40), frame(PING)],
    "3.5": [frame(BINARY, b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", reserved=0x50)],
    "3.6": [frame(PING, HELLO, reserved=0x60)],
    "3.7": [frame(CLOSE, reserved=0x70)],
}
OPCODES = {
    f"4.{group}.{n}": [text(HELLO), frame(opcode, HELLO if n % 2 else b""), frame(PING)]
    for group, first in ((1, 3), (2, 11))
    for n, opcode in enumerate(range(first, first + 5), 1)
}
FIVE = fragments(TEXT, b"fragment1fragment2fragment3fragment4fragment5", 9)
FRAGMENTS = {
    "5.1": [frame(PING, b"fragment1", fin=False), frame(CONT, b"fragment2")],
    "5.2": [frame(PONG, b"fragment1", fin=False), frame(CONT, b"fragment2")],
    "5.3": fragments(TEXT, b"fragment1fragment2", 9),
    "5.6": [FIVE[0], frame(PING, b"ping payload"), frame(CONT, b"fragment2")],
    "5.9": [frame(CONT, b"non-continuation payload"), text(HELLO)],
    "5.12": [frame(CONT, b"non-continuation payload", fin=False), text(HELLO)],
    "5.15": [*fragments(TEXT, b"fragment1fragment2", 9), frame(CONT, b"fragment3", fin=False), text(b"fragment4")],
    "5.16": [frame(CONT, b"1", fin=False), text(b"2", fin=False), frame(CONT, b"3")] * 2,
    "5.17": [frame(CONT, b"1"), text(b"2", fin=False), frame(CONT, b"3")] * 2,
    "5.18": [text(b"fragment1", fin=False), text(b"fragment2")],
    "5.19": [FIVE[0], FIVE[1], frame(PING, b"1"), FIVE[2], FIVE[3], frame(PING, b"2"), FIVE[4]],
}  # fmt: skip
GREEK = "κόσμε".encode()
WORDS = {
    "6.1.1": [text(b"")],
    "6.1.2": [text(b"", fin=False), frame(CONT, b"", fin=False), frame(CONT)],
    "6.1.3": [text(b"", fin=False), frame(CONT, b"middle", fin=False), frame(CONT)],
    "6.2.1": [text("Hello-µ@ßöäüàá-UTF-8!!".encode())],
    "6.2.2": fragments(TEXT, "Hello-µ@ßöäüàá-UTF-8!!".encode(), 12),
    "6.2.3": fragments(TEXT, "Hello-µ@ßöäüàá-UTF-8!!".encode(), 1),
    "6.3.1": [text(GREEK + b"\xed\xa0\x80edited")],
    "6.4.1": [text(GREEK + b"\xf4", fin=False), frame(CONT, b"\x90", fin=False), frame(CONT, b"\x80\x80edited")],
    "6.5.1": [text(GREEK)],
    "6.22.1": [text(b"\xef\xbf\xbe")],
}  # fmt: skip
CLOSES = {
    "7.1.1": [text(HELLO), GOODBYE],
    "7.1.2": [GOODBYE, GOODBYE],
    "7.1.3": [GOODBYE, frame(PING)],
    "7.1.4": [GOODBYE, text(HELLO)],
    "7.1.5": [text(b"fragment1", fin=False), GOODBYE, frame(CONT, b"fragment2")],
    "7.1.6": [text(b"BAsd7&jh23" * 26_000), text(HELLO), GOODBYE, frame(PING)],
    "7.3.1": close(None),
    "7.3.2": [frame(CLOSE, b"a")],
    "7.3.3": close(1000),
    "7.3.4": close(1000, b"Hello World!"),
    "7.3.5": close(1000, b"*" * 123),
    "7.3.6": [frame(CLOSE, b"\x03\xe8" + b"*" * 124)],
    "7.5.1": close(1000, GREEK + b"\xed\xa0\x80edited"),
}
CODES = (*range(1000, 1004), *range(1007, 1012), 3000, 3999, 4000, 4999)
BAD_CODES = (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535)
LIMITS = {
    **{f"9.1.{n}": [text(b"*" * size)] for n, size in enumerate((65_536, 262_144, 1 << 20, 4 << 20), 1)},
    **{f"9.2.{n}": [frame(BINARY, b"\x00\xfe" * (size // 2))] for n, size in enumerate((65_536, 262_144, 1 << 20), 1)},
    **{f"9.3.{n}": fragments(TEXT, b"*" * (1 << 20), size) for n, size in enumerate((256, 4096, 65_536), 1)},
    **{f"9.4.{n}": fragments(BINARY, b"*" * (1 << 20), size) for n, size in enumerate((256, 4096, 65_536), 1)},
    "9.7": [text(b"*" * 128)] * 1000,
    "9.8": [frame(BINARY, b"*" * 128)] * 1000,
    "beyond": [text(HELLO), b"\x81\x7f" + (LIMIT_BYTES + 1).to_bytes(8, "big") + b"*" * 100_000],
}  # fmt: skip
CASES: dict[str, list[bytes]] = {
    **sized(TEXT),
    **sized(BINARY),
    **PINGS,
    **RESERVED,
    **OPCODES,
    **FRAGMENTS,
    **WORDS,
    **CLOSES,
    **{f"7.7.{n}": close(code, b"ok") for n, code in enumerate(CODES, 1)},
    **{f"7.9.{n}": close(code, b"bad") for n, code in enumerate(BAD_CODES, 1)},
    **LIMITS,
}
OCTETS_BYTES = 3000
"""Longer cases are cut in pieces of a prime number of bytes instead."""


def cuts(frames: list[bytes]) -> dict[str, list[bytes]]:
    data = b"".join(frames)
    step = 1 if len(data) <= OCTETS_BYTES else 997 if len(data) < 300_000 else 65_521
    octets = [data[at : at + step] for at in range(0, len(data), step)]
    return {"whole": [data], "frames": frames, "octets": octets}


@pytest.mark.parametrize("case", list(CASES))
def test_the_case_is_what_it_is_to_the_library_however_it_is_cut(case: str):
    frames = CASES[case]
    for ends in (True, False):
        expected = oracle(b"".join(frames), ends=ends, limit_bytes=LIMIT_BYTES)
        for name, pieces in cuts(frames).items():
            assert played(pieces, ends=ends, limit_bytes=LIMIT_BYTES) == expected, (name, ends)


def test_the_corpus_has_what_must_fail_and_what_must_pass():
    fates = {case: oracle(b"".join(CASES[case]), ends=True).closure for case in CASES}
    broken = {case for case, closure in fates.items() if closure and closure.fault is Fault.FRAMING}
    assert {"2.5", "3.1", "4.1.1", "4.2.1", "5.1", "5.9", "5.18", "7.3.2", "7.9.1"} <= broken
    assert not {case for case in broken if case[:2] in ("1.", "6.")}
    assert fates["7.3.4"] is not None
    assert (fates["7.3.4"].code, fates["7.3.4"].reason) == (1000, "Hello World!")
