"""What happened, as frozen facts.

Logs, metrics, recordings, the console and the tests are folds over this one stream. Each fact says when
(`at`, seconds of the line's monotonic clock) and on which link (`epoch`, 0 before the first). Audio is
counted in samples, so that sums are exact; `rate_hz` of the line turns them into milliseconds. Strings
are as the server sent them: whoever shows them cleans them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.protocol.audio_facts import (
    AudioAccepted,
    AudioConsumed,
    AudioGap,
    AudioHeard,
    AudioReceived,
    AudioSent,
    AudioTruncated,
    CaptureOverrun,
    LevelSampled,
    Muted,
    PlayoutSampled,
    PlayStarted,
    PlayStopped,
    SpeechEnded,
    TruncateConfirmed,
)
from trunkline.protocol.fact import (
    Direction,
    MilestoneKind,
    Observation,
    Speaker,
)
from trunkline.protocol.link_facts import (
    ChunkLate,
    Congested,
    Fenced,
    KernelSampled,
    LinkEnded,
    LinkOpened,
    LoopBlocked,
    LoopLagged,
    PingTimedOut,
    QueueSampled,
    RetryScheduled,
    RoundTrip,
    Suspended,
    WriterStalled,
)

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure
    from trunkline.protocol.lifecycle import State

__all__ = [
    "FREQUENT",
    "Anomaly",
    "AudioAccepted",
    "AudioConsumed",
    "AudioGap",
    "AudioHeard",
    "AudioReceived",
    "AudioSent",
    "AudioTruncated",
    "CaptureOverrun",
    "ChunkLate",
    "Congested",
    "Direction",
    "DrainBegun",
    "Fenced",
    "FunctionAnswered",
    "FunctionCalled",
    "KernelSampled",
    "LevelSampled",
    "LinkEnded",
    "LinkOpened",
    "LoopBlocked",
    "LoopLagged",
    "MessagePassed",
    "Milestone",
    "MilestoneKind",
    "Muted",
    "Observation",
    "PingTimedOut",
    "PlayStarted",
    "PlayStopped",
    "PlayoutSampled",
    "QueueSampled",
    "RateLimits",
    "ResponseFailed",
    "ResponseUsage",
    "Restored",
    "RetryScheduled",
    "Rotated",
    "RotationBegun",
    "RotationFailed",
    "RoundTrip",
    "ServerError",
    "SessionReady",
    "SettingsConfirmed",
    "Speaker",
    "SpeechEnded",
    "Stalled",
    "Suspended",
    "TakenOver",
    "Transcript",
    "Transition",
    "TruncateConfirmed",
    "WriterStalled",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Observation):
    """The line went from one state to another."""

    source: State
    target: State
    cause: str
    """The input that moved it, as the lifecycle table names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReady(Observation):
    """The server created a session on the current link."""

    session_id: str
    model: str
    expires_at: float | None
    """Unix seconds, by the server's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(Observation):
    """A new session was told what the old one knew; the books of one outage."""

    items: int
    """Conversation items created again."""
    items_dropped: int
    """Oldest items left out to keep within the replay budget."""
    replayed_samples: int
    """Audio sent again, that the old session had got."""
    lost_samples: int
    """Audio announced as gaps since the line was last made live."""
    duplicated_samples: int
    """Upper bound of audio the old session may also have answered."""
    verified: bool
    """Whether the new session's echoes were equal to the ledger."""
    owed: bool
    """Whether a response was asked for again."""
    took: float
    """Seconds from the end of the old link to live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver(Observation):
    """The line begins with a conversation of another process; the sums its books begin with."""

    items: int
    accepted_samples: int
    consumed_samples: int
    gap_samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationBegun(Observation):
    """A second link is wanted; the current one goes on meanwhile."""

    cause: str
    """`planned`, or `asked for`."""
    within: float
    """Seconds in which the switch must come; the last of them takes any moment for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated(Observation):
    """The line switched to a second link, whose epoch this is; the first is being closed."""

    old_epoch: int
    items: int
    """Conversation items that the new session was told."""
    items_dropped: int
    """Oldest items left out to keep within the replay budget."""
    replayed_samples: int
    """Audio that the old session had got and the new one gets again: inside items, or as audio from here on."""
    lost_samples: int
    """Audio announced as gaps by the switch."""
    verified: bool
    """Whether the new session's echoes were equal to the ledger, and all had come."""
    owed: bool
    """Whether a response was asked for again: the switch came in the middle of one, at its deadline."""
    moment: str
    """`in silence`, `between answers` or `at the deadline`."""
    took: float
    """Seconds from the beginning of the rotation to the switch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationFailed(Observation):
    """A second link failed, or the rotation was given up; the current link goes on untouched."""

    cause: str
    advice: str
    closure: Closure | None
    """How the second link ended; None if there was none."""
    final: bool
    """Whether the rotation is over; otherwise it will be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePassed(Observation):
    """A message was sent or received."""

    direction: Direction
    type: str
    size_bytes: int
    message: bytes = field(default=b"", repr=False, compare=False)
    """The message itself, by reference: whoever keeps the fact keeps it. It may hold what was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript(Observation):
    """Words, as they come; `final` repeats the whole text once."""

    speaker: Speaker
    item_id: str
    text: str
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(Observation):
    """A moment of a turn."""

    kind: MilestoneKind
    item_id: str = ""
    response_id: str = ""
    status: str = ""
    """Of a response that is done: completed, cancelled, failed, incomplete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFailed(Observation):
    """A response failed, for a reason that the server names inside `response.done` only."""

    response_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly(Observation):
    """Something that should not have come, and was survived."""

    kind: str
    sample: str
    """The first characters of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stalled(Observation):
    """The link lives, an answer is due, and nothing of it comes: the model stalls, not the network."""

    response_id: str
    """Empty while the server has not begun the response."""
    silence: float
    """Seconds since anything of it came, or since it was due."""
    over: bool
    """False when it begins; True once, when it goes on or is no longer due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseUsage(Observation):
    """The tokens of a response that is done, as the server counts them."""

    response_id: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    """Of the input: what the server had in its cache."""
    input_text_tokens: int = 0
    """These and the following are parts of the above, 0 where the server does not tell them apart."""
    input_audio_tokens: int = 0
    cached_text_tokens: int = 0
    cached_audio_tokens: int = 0
    output_text_tokens: int = 0
    output_audio_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits(Observation):
    """The account's limits, as the server told them."""

    limits: tuple[tuple[str, int, int, float], ...]
    """Name, limit, what is left of it, and in how many seconds it is whole again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerError(Observation):
    """The server's `error` event, a refusal that is nobody's mistake included."""

    code: str
    type: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsConfirmed(Observation):
    """The settings in force, as the server confirmed them."""

    settings: str
    """JSON, without the credentials that a session's tools may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCalled(Observation):
    """The model calls a function; told once for each `call_id`, over all sessions."""

    call_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionAnswered(Observation):
    """The application gave the output of a function."""

    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainBegun(Observation):
    """The line will say goodbye when the answer that is being given has ended; nothing new is begun."""


FREQUENT: frozenset[type[Observation]] = frozenset(
    {
        AudioAccepted,
        AudioConsumed,
        AudioHeard,
        AudioReceived,
        AudioSent,
        ChunkLate,
        KernelSampled,
        LevelSampled,
        LoopLagged,
        MessagePassed,
        PlayoutSampled,
        QueueSampled,
        RoundTrip,
        WriterStalled,
    }
)
"""What comes with every chunk, delta or sample, some 250 times a second; all others are rare."""
