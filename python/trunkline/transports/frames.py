"""The first bytes of a WebSocket frame (RFC 6455 §5.2)."""

from __future__ import annotations

__all__ = ["MASKED", "MEDIUM", "TEXT", "header"]

TEXT = 0x81
"""FIN, and the opcode of text."""
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
