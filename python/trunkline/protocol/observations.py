"""What happened, as frozen facts.

Logs, metrics, recordings, the console and the tests are folds over this one stream. Each fact says when
(`at`, seconds of the line's monotonic clock) and on which link (`epoch`, 0 before the first). Audio is
counted in samples, so that sums are exact; `rate_hz` of the line turns them into milliseconds. Strings
are as the server sent them: whoever shows them cleans them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.protocol.closure import Closure, Verdict
    from trunkline.protocol.lifecycle import State

__all__ = [
    "Anomaly",
    "AudioAccepted",
    "AudioConsumed",
    "AudioGap",
    "AudioHeard",
    "AudioReceived",
    "AudioSent",
    "AudioTruncated",
    "Congested",
    "Direction",
    "Fenced",
    "LinkEnded",
    "LinkOpened",
    "LoopBlocked",
    "MessagePassed",
    "Milestone",
    "MilestoneKind",
    "Observation",
    "PlayoutSampled",
    "QueueSampled",
    "ResponseFailed",
    "Restored",
    "RetryScheduled",
    "Rotated",
    "RotationBegun",
    "RotationFailed",
    "RoundTrip",
    "SessionReady",
    "Speaker",
    "Stalled",
    "Suspended",
    "TakenOver",
    "Transcript",
    "Transition",
]


class Direction(Enum):
    """Which way a message went."""

    UP = "up"
    """From us to the server."""
    DOWN = "down"
    """From the server to us."""


class Speaker(Enum):
    """Whose words a transcript holds."""

    USER = "user"
    ASSISTANT = "assistant"


class MilestoneKind(Enum):
    """The moments of a turn."""

    SPEECH_STARTED = "speech started"
    SPEECH_STOPPED = "speech stopped"
    COMMITTED = "committed"
    RESPONSE_CREATED = "response created"
    FIRST_AUDIO = "first audio"
    RESPONSE_DONE = "response done"
    BARGE_IN = "barge-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The base of all facts."""

    at: float
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Observation):
    """The line went from one state to another."""

    source: State
    target: State
    cause: str
    """The input that moved it, as the lifecycle table names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOpened(Observation):
    """A link is open: the upgrade was answered. It proves nothing about the key."""

    took: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReady(Observation):
    """The server created a session on the current link."""

    session_id: str
    model: str
    expires_at: float | None
    """Unix seconds, by the server's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEnded(Observation):
    """The current link ended."""

    closure: Closure
    verdict: Verdict
    lived: float
    """Seconds since the link was opened; 0 if it never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryScheduled(Observation):
    """The line will dial again."""

    attempt: int
    """1 for the first attempt of this outage."""
    delay: float


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
class AudioAccepted(Observation):
    """The application gave audio, and the line took it on its books."""

    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSent(Observation):
    """Audio was handed to the link."""

    samples: int
    replayed: bool
    """Whether an earlier session had got it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioConsumed(Observation):
    """There is evidence that the conversation has this audio: it need not be kept any longer."""

    samples: int
    evidence: str
    """What proved it: `transcribed`, `cleared`, `heard`, or `committed` where no words came within the retention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioGap(Observation):
    """Audio was not and will not be delivered; announced before any audio after it is sent."""

    start_sample: int
    """Position on the capture axis: samples since the line began."""
    samples: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioReceived(Observation):
    """Reply audio arrived."""

    response_id: str
    item_id: str
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioHeard(Observation):
    """The application told how much of an item was played, in all."""

    item_id: str
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTruncated(Observation):
    """An assistant item was cut to what was heard."""

    item_id: str
    heard_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip(Observation):
    """A ping was answered."""

    rtt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePassed(Observation):
    """A message was sent or received."""

    direction: Direction
    type: str
    size_bytes: int


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
class Fenced(Observation):
    """Something from a link that is no longer current was discarded."""

    stale_epoch: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSampled(Observation):
    """How much waits to be sent."""

    outbox_samples: int
    """Audio that was accepted and not yet handed to a link."""
    retained_samples: int
    """Audio kept, sent or not, until there is evidence for it."""
    transport_bytes: int
    """What the link has taken and the kernel has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayoutSampled(Observation):
    """How much waits to be played, told by the application's playout."""

    buffered_ms: float
    underruns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Congested(Observation):
    """The link lives and takes less audio than is spoken; what it does not take waits in the outbox."""

    waiting_samples: int
    over: bool
    """False when it begins; True once, when what waited is gone or the link is."""


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
class LoopBlocked(Observation):
    """The event loop was held up: nothing was judged by the time that passed meanwhile."""

    lag: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended(Observation):
    """This machine slept. What was spoken meanwhile was never captured, so it is no gap in the books."""

    gap: float
    """Seconds, by the clock that counts sleep."""
