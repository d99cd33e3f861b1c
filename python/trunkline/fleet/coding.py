"""How payloads are compressed: not at all, or by Zstandard where it is installed.

The standard library has Zstandard since Python 3.14; before, `backports.zstd` is the same code.
"""

from __future__ import annotations

import sys
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from trunkline.errors import ConfigError, StreamError
from trunkline.fleet.framing import MOST_PAYLOAD_BYTES

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Coding", "best_coding", "compress", "decompress"]

_MODULE = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
# The library's own default: a higher level of a recording costs four times the time for a tenth less.
_LEVEL = 3
_ADVICE = "needs Zstandard: pip install trunkline[zstd]"


class Coding(IntEnum):
    """As it stands in a packet's header."""

    PLAIN = 0
    ZSTD = 1


def best_coding() -> Coding:
    """Zstandard if it is installed."""
    return Coding.PLAIN if _zstd() is None else Coding.ZSTD


def compress(payload: bytes, coding: Coding) -> bytes:
    """The payload as it is written. Raises ConfigError if the coding is not installed."""
    if coding is Coding.PLAIN:
        return payload
    module: Any = _zstd()
    if module is None:
        raise ConfigError("compression", _ADVICE)
    packed: bytes = module.compress(payload, level=_LEVEL)
    return packed


def decompress(payload: bytes, coding: int) -> bytes:
    """The payload as it was, `MOST_PAYLOAD_BYTES` of it at most.

    Raises StreamError for a coding that is not known or not installed, and for what was not made by it.
    """
    if coding == Coding.PLAIN:
        return payload
    if coding != Coding.ZSTD:
        raise StreamError(f"a packet is compressed in a way that is not known here ({coding})")
    module: Any = _zstd()
    if module is None:
        raise StreamError(f"a packet is compressed and {_ADVICE}")
    worker = module.ZstdDecompressor()
    try:
        plain: bytes = worker.decompress(payload, max_length=MOST_PAYLOAD_BYTES)
    except module.ZstdError:
        raise StreamError("a packet cannot be decompressed") from None
    if not worker.eof:
        raise StreamError(f"a packet holds more than {MOST_PAYLOAD_BYTES} bytes, or less than all")
    return plain


def _zstd() -> ModuleType | None:
    """The module, which is asked for by name: it may not be there."""
    from importlib import import_module  # noqa: PLC0415 - together with what it imports

    try:
        return import_module(_MODULE)
    except ImportError:
        return None
