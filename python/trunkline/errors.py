"""Everything trunkline can raise, as one tree.

    TrunklineError
    ├── ConfigError           a setting cannot be used
    ├── CodecError            audio or base64 that cannot be converted
    ├── MediaError            a sound file or device that cannot be used
    ├── ProtocolError
    │   ├── LocalError        you asked for something illegal now
    │   └── RemoteError       the server broke the rules
    ├── LinkClosed            one link ended
    ├── LineFailed            the line is over, and why
    │   └── RetriesExhausted  it kept trying until its time was up
    ├── RotationAbandoned     the line stays on the link it has, for now
    ├── OutboxFull            the application offers audio faster than it may be kept
    └── StreamError           a stream of telemetry, or a recording of one, that cannot be read

Whether a failure can be recovered from is not a property of these classes: that is the verdict table in
`protocol/verdicts.py`. Facts are attributes; the words are made on demand and never hold a key or audio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CodecError",
    "ConfigError",
    "LineFailed",
    "LinkClosed",
    "LocalError",
    "MediaError",
    "OutboxFull",
    "ProtocolError",
    "RemoteError",
    "RetriesExhausted",
    "RotationAbandoned",
    "StreamError",
    "TrunklineError",
]


class ClosureFacts(Protocol):
    """What an error tells of a link's end; `protocol.closure.Closure` is the one that is meant."""

    @property
    def code(self) -> int | None:
        """The WebSocket close code, if one was seen."""

    def describe(self) -> str:
        """One line for a person."""


class TrunklineError(Exception):
    """The base of all of them; never raised itself."""


class ConfigError(TrunklineError):
    """A setting cannot be used."""

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(setting, reason)
        self.setting = setting
        """The setting's name as the user knows it."""
        self.reason = reason
        """What is wrong with it, and what would do."""

    def __str__(self) -> str:
        return clean(f"{self.setting}: {self.reason}")


class CodecError(TrunklineError, ValueError):
    """Audio or base64 that cannot be converted."""

    def __init__(self, reason: str, offset: int | None = None) -> None:
        super().__init__(reason, offset)
        self.reason = reason
        """What is wrong, with the type, shape or symbol that was met."""
        self.offset = offset
        """Index of the first bad byte of the input, where there is one."""

    def __str__(self) -> str:
        return self.reason if self.offset is None else f"{self.reason} at offset {self.offset}"


class MediaError(TrunklineError):
    """A sound file or device that cannot be used."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        """The file or device."""
        self.reason = reason
        """What is wrong with it."""

    def __str__(self) -> str:
        return clean(f"{self.name}: {self.reason}")


class ProtocolError(TrunklineError):
    """One side broke the rules; the subclass says which, and this base is never raised."""

    def __init__(self, *facts: object) -> None:
        if type(self) is ProtocolError:
            raise TypeError("raise LocalError or RemoteError, which say who broke the rules")
        super().__init__(*facts)


class LocalError(ProtocolError):
    """You asked for something that is illegal now."""

    def __init__(self, request: str, state: str) -> None:
        super().__init__(request, state)
        self.request = request
        """What was asked for."""
        self.state = state
        """The state it was asked in."""

    def __str__(self) -> str:
        return f"{self.request} is not possible while {self.state}"


class RemoteError(ProtocolError):
    """The server broke the rules."""

    def __init__(self, message_type: str, reason: str) -> None:
        super().__init__(message_type, reason)
        self.message_type = message_type
        """The type of the message at fault, or what stands for it."""
        self.reason = reason
        """Which rule it broke."""

    def __str__(self) -> str:
        return clean(f"{self.message_type}: {self.reason}")


class LinkClosed(TrunklineError):
    """One link ended; the line may go on with another."""

    def __init__(self, closure: ClosureFacts) -> None:
        super().__init__(closure)
        self.closure = closure
        """How it ended."""

    def __str__(self) -> str:
        return clean(self.closure.describe())


class LineFailed(TrunklineError):
    """The line is over: the last link's end cannot be recovered from."""

    def __init__(self, cause: str, advice: str, closures: Sequence[ClosureFacts]) -> None:
        super().__init__(cause, advice, tuple(closures))
        self.cause = cause
        """Why, in one short phrase."""
        self.advice = advice
        """What a person can do about it."""
        self.closures = tuple(closures)
        """The ends of all links that were tried in the outage, oldest first."""

    def __str__(self) -> str:
        last = f" ({self.closures[-1].describe()})" if self.closures else ""
        return clean(f"{self.cause}{last}: {self.advice}")


class RetriesExhausted(LineFailed):
    """The line kept trying for as long as it was told to, and no link came up."""


class RotationAbandoned(TrunklineError):
    """A rotation came to nothing: the line goes on with the link it had, if that still lives."""

    def __init__(self, cause: str, advice: str, closure: ClosureFacts | None) -> None:
        super().__init__(cause, advice, closure)
        self.cause = cause
        """Why, in one short phrase."""
        self.advice = advice
        """What a person can do about it, or what happens now."""
        self.closure = closure
        """How the last second link ended; None if there was none."""

    def __str__(self) -> str:
        how = "" if self.closure is None else f" ({self.closure.describe()})"
        what = f": {self.advice}" if self.advice else ""
        return clean(f"{self.cause}{how}{what}")


class OutboxFull(TrunklineError):
    """The application offers audio faster than the outbox may keep it."""

    def __init__(self, limit_ms: int) -> None:
        super().__init__(limit_ms)
        self.limit_ms = limit_ms
        """How much audio the outbox may hold."""

    def __str__(self) -> str:
        return f"the outbox holds its limit of {self.limit_ms} ms"


class StreamError(TrunklineError, ValueError):
    """A stream of telemetry, or a recording of one, that cannot be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        """What is wrong with it, and where."""

    def __str__(self) -> str:
        return clean(self.reason, limit_chars=300)
