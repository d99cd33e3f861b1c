"""The first bytes of a WebSocket frame (RFC 6455 §5.2)."""

from __future__ import annotations

__all__ = ["MASKED", "MEDIUM", "PONG", "TEXT", "header", "ping"]

TEXT = 0x81
"""FIN, and the opcode of text."""
PONG = 0x8A
"""FIN, and the opcode of a pong; as of every control frame its payload is at most 125 bytes."""
_PING = 0x89
MASKED = 0x80
"""Of the second byte, which is the length otherwise."""
MEDIUM = 126
"""As the length: it stands in two bytes behind; as the one above, in eight."""


def header(data: memoryview, at: int, end: int) -> tuple[int, int]:
    """How many bytes of a frame at that place are header, and how many payload; no header if it is not whole.

    A mask, which a server's frame must not have, is counted as payload: the library refuses it.
    """
    if end - at < 2:
        return 0, 0
    length = data[at + 1] & ~MASKED
    if length < MEDIUM:
        return 2, length
    head = 4 if length == MEDIUM else 10
    if end - at < head:
        return 0, 0
    return head, int.from_bytes(data[at + 2 : at + head], "big")


def ping(payload: bytes, key: bytes) -> bytes:
    """A client's ping, masked with a key of four bytes; the payload has at most 125."""
    size = len(payload)
    mask = (key * (size // len(key) + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")
    return b"%c%c%b%b" % (_PING, MASKED | size, key, masked.to_bytes(size, "big"))
