"""What the end of a command means for whoever called it: the exit codes, and the same as words in JSON documents."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from trunkline.errors import (
    CodecError,
    ConfigError,
    LineFailed,
    LinkClosed,
    MediaError,
    OutboxFull,
    ProtocolError,
    RotationAbandoned,
    StreamError,
    TrunklineError,
)

if TYPE_CHECKING:
    from trunkline.diagnosis.finding import Cause
    from trunkline.protocol.closure import Closure

__all__ = [
    "MEANINGS",
    "QUALITY_MISSED",
    "ExitCode",
    "cause_code",
    "error_of",
    "exit_code",
    "outcome_of",
]


class ExitCode(enum.IntEnum):
    """The exit codes. The name in small letters is `error.code` of a JSON document, and never changes."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    QUALITY = 3
    KEY = 4
    LIMIT = 5
    NETWORK = 6
    PROTOCOL = 7
    SOUND = 8
    RECORDING = 9
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def word(self) -> str:
        """As JSON documents say it."""
        return self.name.lower()


MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "not all that was asked for",
    ExitCode.USAGE: "wrong usage or settings",
    ExitCode.QUALITY: "a line is not as good as asked for",
    ExitCode.KEY: "key refused",
    ExitCode.LIMIT: "rate limit or quota",
    ExitCode.NETWORK: "server not reached",
    ExitCode.PROTOCOL: "protocol broken",
    ExitCode.SOUND: "sound file or device",
    ExitCode.RECORDING: "recording not readable",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.TERMINATED: "terminated",
}
"""As `trunkline --help` says them."""

QUALITY_MISSED = int(ExitCode.QUALITY)
"""Everything worked, but a line is not as good as it should be (`telemetry.shortfall`)."""

_KINDS: tuple[tuple[type[TrunklineError], ExitCode], ...] = (
    (ConfigError, ExitCode.USAGE),
    (MediaError, ExitCode.SOUND),
    (CodecError, ExitCode.SOUND),
    (ProtocolError, ExitCode.PROTOCOL),
    (StreamError, ExitCode.RECORDING),
    (OutboxFull, ExitCode.FAILED),
    # How the link ended says more, where that is known.
    (LineFailed, ExitCode.NETWORK),
    (LinkClosed, ExitCode.NETWORK),
    (RotationAbandoned, ExitCode.NETWORK),
)

# By rows of the verdict table; the first whose beginning fits. What is not here is the network's.
_ROWS: tuple[tuple[str, ExitCode], ...] = (
    ("key:", ExitCode.KEY),
    ("error:invalid_api_key", ExitCode.KEY),
    ("error:account_deactivated", ExitCode.KEY),
    ("reason:invalid_request_error.invalid_api_key", ExitCode.KEY),
    ("reason:invalid_request_error.account_deactivated", ExitCode.KEY),
    ("code:3000", ExitCode.KEY),
    ("status:401", ExitCode.KEY),
    ("status:403", ExitCode.KEY),
    ("fault:CREDENTIAL", ExitCode.KEY),
    ("error:insufficient_quota", ExitCode.LIMIT),
    ("error:credit_balance_exhausted", ExitCode.LIMIT),
    ("error:billing_hard_limit_reached", ExitCode.LIMIT),
    ("error:rate_limit_exceeded", ExitCode.LIMIT),
    ("error:inference_rate_limit_exceeded", ExitCode.LIMIT),
    ("type:insufficient_quota", ExitCode.LIMIT),
    ("reason:insufficient_quota", ExitCode.LIMIT),
    ("reason:billing_hard_limit_reached", ExitCode.LIMIT),
    ("reason:rate_limit_exceeded", ExitCode.LIMIT),
    ("status:429", ExitCode.LIMIT),
    ("error:session_expired", ExitCode.NETWORK),
    ("reason:invalid_request_error.session_expired", ExitCode.NETWORK),
    ("error:", ExitCode.USAGE),
    ("reason:invalid_request_error", ExitCode.USAGE),
    ("code:4000", ExitCode.USAGE),
    ("code:4004", ExitCode.USAGE),
    ("status:400", ExitCode.USAGE),
    ("status:404", ExitCode.USAGE),
    ("status:426", ExitCode.USAGE),
    ("fault:SETTINGS", ExitCode.USAGE),
    ("code:1002", ExitCode.PROTOCOL),
    ("code:1003", ExitCode.PROTOCOL),
    ("code:1007", ExitCode.PROTOCOL),
    ("code:1009", ExitCode.PROTOCOL),
    ("code:1010", ExitCode.PROTOCOL),
    ("fault:FRAMING", ExitCode.PROTOCOL),
    ("fault:GARBLED", ExitCode.PROTOCOL),
    ("fault:TOO_BIG", ExitCode.PROTOCOL),
    ("fault:LOCAL_RESOURCES", ExitCode.FAILED),
    ("fault:INTERNAL", ExitCode.FAILED),
)


def outcome_of(error: TrunklineError) -> ExitCode:
    """What an error means; of a line's end the last link's says it."""
    closure = _last_closure(error)
    if closure is not None:
        return _outcome_of_closure(closure)
    return next((outcome for kind, outcome in _KINDS if isinstance(error, kind)), ExitCode.FAILED)


def exit_code(error: TrunklineError) -> int:
    """The command's exit code for an error: see `trunkline --help`."""
    return int(outcome_of(error))


_CAUSES = {
    "HERE": ExitCode.FAILED,
    "SERVER": ExitCode.FAILED,
    "KEY": ExitCode.KEY,
    "NETWORK": ExitCode.NETWORK,
    "PROTOCOL": ExitCode.PROTOCOL,
}


def cause_code(cause: Cause | None) -> int:
    """The command's exit code for what a failure is a failure of; 0 if nothing failed."""
    return 0 if cause is None else int(_CAUSES[cause.name])


def error_of(code: ExitCode, message: str = "") -> dict[str, Any]:
    """The `error` of a JSON document."""
    told = {"code": code.word, "exit_code": int(code)}
    return told | ({"message": message} if message else {})


def _last_closure(error: TrunklineError) -> Closure | None:
    from trunkline.protocol.closure import Closure

    closures = getattr(error, "closures", None) or (getattr(error, "closure", None),)
    return closures[-1] if isinstance(closures[-1], Closure) else None


def _outcome_of_closure(closure: Closure) -> ExitCode:
    from trunkline.protocol.closure import rule_of

    row = rule_of(closure).match
    return next((outcome for begin, outcome in _ROWS if row.startswith(begin)), ExitCode.NETWORK)
