"""What an error means for whoever called the command."""

from __future__ import annotations

from trunkline.errors import (
    CodecError,
    ConfigError,
    LineFailed,
    MediaError,
    ProtocolError,
    StreamError,
    TrunklineError,
)

__all__ = ["QUALITY_MISSED", "exit_code"]

QUALITY_MISSED = 3
"""Everything worked, but a line is not as good as it should be (`telemetry.shortfall`)."""

_CODES: tuple[tuple[type[TrunklineError], int], ...] = (
    (ConfigError, 2),
    (MediaError, 8),
    (CodecError, 8),
    (ProtocolError, 7),
    (StreamError, 9),
)
_KEY_CODES = frozenset({3000, 401, 403})


def exit_code(error: TrunklineError) -> int:
    """The command's exit code for an error: see `trunkline --help`."""
    if isinstance(error, LineFailed):
        return _line_code(error)
    return next((code for kind, code in _CODES if isinstance(error, kind)), 1)


def _line_code(error: LineFailed) -> int:
    last = error.closures[-1] if error.closures else None
    seen = {getattr(last, "code", None), getattr(last, "status", None)}
    return 4 if seen & _KEY_CODES else 6
