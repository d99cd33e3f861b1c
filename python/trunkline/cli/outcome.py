"""What an error means for whoever called the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.errors import (
    CodecError,
    ConfigError,
    LineFailed,
    MediaError,
    ProtocolError,
    StreamError,
    TrunklineError,
)

if TYPE_CHECKING:
    from trunkline.diagnosis.finding import Cause

__all__ = ["QUALITY_MISSED", "cause_code", "exit_code"]

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
_CAUSES = {"HERE": 1, "SERVER": 1, "KEY": 4, "NETWORK": 6, "PROTOCOL": 7}


def exit_code(error: TrunklineError) -> int:
    """The command's exit code for an error: see `trunkline --help`."""
    if isinstance(error, LineFailed):
        return _line_code(error)
    return next((code for kind, code in _CODES if isinstance(error, kind)), 1)


def cause_code(cause: Cause | None) -> int:
    """The command's exit code for what a failure is a failure of; 0 if nothing failed."""
    return 0 if cause is None else _CAUSES[cause.name]


def _line_code(error: LineFailed) -> int:
    last = error.closures[-1] if error.closures else None
    seen = {getattr(last, "code", None), getattr(last, "status", None)}
    return 4 if seen & _KEY_CODES else 6
