"""The metrics that leave the process: names, kinds, units, labels and buckets, as one table.

Prometheus names are written out; those of OpenTelemetry say the same with dots and without the unit. Durations are in
seconds, sizes in bytes, counters end in `_total`. All but `trunkline_build_info` have the labels `model` and
`server_address` before their own. Never is the key, the session or, unless it is asked for, the name of a line a
label: there must be few series however many lines come and go.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = [
    "API_ERRORS",
    "AUDIO",
    "BARGE_IN",
    "BASE_LABELS",
    "BUILD_INFO",
    "CAPTURE_DROPPED",
    "CAPTURE_OVERRUNS",
    "CLIPPED",
    "CLOSES",
    "CONNECT",
    "CONNECT_ATTEMPTS",
    "DEGRADED",
    "DELTA_GAP",
    "DELTA_LEAD",
    "DUPLICATE",
    "EVENTS",
    "FAMILIES",
    "FIRST_AUDIO",
    "GRADES",
    "JITTER",
    "LATENESS",
    "LEVEL",
    "LOOP_LAG",
    "LOST",
    "NETWORK",
    "OUTAGE",
    "OUTAGE_DETECTION",
    "PINGS",
    "PLAYOUT",
    "PLAYOUT_TARGET",
    "QUEUE_AUDIO",
    "QUEUE_BYTES",
    "QUEUE_MESSAGES",
    "RATE_LIMIT",
    "RECONNECTS",
    "REPLAYED",
    "RESPONSES",
    "RESPONSE_DURATION",
    "RETRANSMITS",
    "RTT",
    "SCORE",
    "SESSIONS",
    "SESSION_DURATION",
    "STALLED",
    "STATE_SECONDS",
    "TCP_RTT",
    "TCP_RTT_MIN",
    "TOKENS",
    "TURN_GAP",
    "UNDERRUNS",
    "UNDERRUN_SECONDS",
    "UNSENT",
    "Family",
    "Kind",
]

BASE_LABELS = ("model", "server_address")
"""Of all lines' metrics: the model as the server names it, as it was asked for before that; host and port."""


class Kind(Enum):
    """What its values do."""

    COUNTER = "counter"
    """Only grow, over the life of the process."""
    GAUGE = "gauge"
    UPDOWN = "updowncounter"
    """A gauge that may be added up; Prometheus calls it a gauge."""
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """One metric; each is one object, and compared as such."""

    name: str
    """Of Prometheus."""
    otel: str
    """Of OpenTelemetry; empty where it has none."""
    kind: Kind
    unit: str
    """By UCUM, as OpenTelemetry wants it."""
    labels: tuple[str, ...]
    """After `BASE_LABELS`."""
    text: str
    bounds: tuple[float, ...] = ()
    """Upper ends of the buckets of a histogram; the last is infinity, and not named."""

    @property
    def base_name(self) -> str:
        """The name without what every counter ends in."""
        return self.name.removesuffix("_total")


# Those of the round trip and of the lateness are of console thresholds; the others follow what is usual of each.
_RTT = (0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 2.0, 5.0)
_LATE = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_FIRST_AUDIO = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
# The server ends a session after an hour; a line outlives it.
_LIFE = (1.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 21_600.0, 86_400.0)  # fmt: skip
_DIAL = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0)
_OUTAGE = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_GAP = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)
_LEAD = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_BARGE_IN = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)
# gen_ai.client.operation.duration of the semantic conventions: doubling.
_OPERATION = tuple(round(0.01 * 2**n, 2) for n in range(14))

FAMILIES: list[Family] = []
"""All of them, in the order in which they are written."""


def _family(
    kind: Kind,
    names: str,
    unit: str,
    text: str,
    *labels: str,
    bounds: tuple[float, ...] = (),
) -> Family:
    """Another row; `names` are those of Prometheus, without the product, and of OpenTelemetry."""
    name, _, otel = names.partition(" ")
    family = Family(f"trunkline_{name}", otel, kind, unit, labels, text, bounds)
    FAMILIES.append(family)
    return family


def _counter(names: str, unit: str, text: str, *labels: str) -> Family:
    return _family(Kind.COUNTER, names, unit, text, *labels)


def _gauge(names: str, unit: str, text: str, *labels: str) -> Family:
    return _family(Kind.GAUGE, names, unit, text, *labels)


def _histogram(names: str, text: str, *labels: str, bounds: tuple[float, ...]) -> Family:
    return _family(Kind.HISTOGRAM, names, "s", text, *labels, bounds=bounds)


# fmt: off
RTT = _histogram("websocket_ping_rtt_seconds trunkline.websocket.ping.rtt", "Round trips of pings.", bounds=_RTT)
JITTER = _gauge("websocket_rtt_jitter_seconds trunkline.websocket.rtt.jitter", "s", "Smoothed difference of successive round trips.", "agg")
PINGS = _counter("websocket_pings_total trunkline.websocket.pings", "{ping}", "Pings that were answered, or not in time.", "result")
TCP_RTT = _gauge("tcp_rtt_seconds trunkline.tcp.rtt", "s", "The kernel's smoothed round trip.", "agg")
TCP_RTT_MIN = _gauge("tcp_rtt_min_seconds trunkline.tcp.rtt_min", "s", "The kernel's least round trip.", "agg")
RETRANSMITS = _counter("tcp_retransmits_total trunkline.tcp.retransmits", "{segment}", "Segments that the kernel sent again.")
UNSENT = _gauge("tcp_unsent_bytes trunkline.tcp.unsent", "By", "Taken by the kernel and not sent.", "agg")
SESSIONS = _family(Kind.UPDOWN, "sessions trunkline.sessions", "{session}", "Lines by how they are; one that ended is counted for some minutes.", "state")
STATE_SECONDS = _counter("session_state_seconds_total trunkline.session.state.time", "s", "Time of lines in each state of the lifecycle.", "state")
SESSION_DURATION = _histogram("session_duration_seconds trunkline.session.duration", "How long lines that ended have lived.", "end_reason", bounds=_LIFE)
CONNECT = _histogram("connect_duration_seconds trunkline.connect.duration", "Phases of dials that succeeded; all is the whole.", "phase", bounds=_DIAL)
CONNECT_ATTEMPTS = _counter("connect_attempts_total trunkline.connect.attempts", "{attempt}", "Dials, to the answer of the upgrade.", "result", "error_type")
RECONNECTS = _counter("reconnects_total trunkline.reconnects", "{reconnect}", "Outages that ended with a live session, by what began them.", "reason")
OUTAGE = _histogram("outage_duration_seconds trunkline.outage.duration", "From the end of a link until live again.", bounds=_OUTAGE)
OUTAGE_DETECTION = _histogram("outage_detection_seconds trunkline.outage.detection", "From the last byte of the server to the end of the link.", bounds=_OUTAGE)
CLOSES = _counter("closes_total trunkline.closes", "{close}", "Ends of links, by close code and by who closed.", "code", "initiator")
NETWORK = _counter("network_bytes_total trunkline.network.io", "By", "Payload of messages.", "direction")
EVENTS = _counter("events_total trunkline.events", "{event}", "Messages.", "direction", "type")
AUDIO = _counter("audio_seconds_total trunkline.audio.time", "s", "Audio that was sent, repetitions included, and received.", "direction")
QUEUE_BYTES = _gauge("send_queue_bytes trunkline.send_queue.size", "By", "Taken by the link and not by the kernel.", "agg")
QUEUE_MESSAGES = _gauge("send_queue_messages trunkline.send_queue.messages", "{message}", "Messages that wait to be sent.", "agg")
QUEUE_AUDIO = _gauge("send_queue_audio_seconds trunkline.send_queue.audio", "s", "Audio that waits: here, in the link and in the kernel.", "agg")
LATENESS = _histogram("send_lateness_seconds trunkline.send.lateness", "From when a chunk could be sent to when it was.", bounds=_LATE)
STALLED = _counter("send_stall_seconds_total trunkline.send.stall.time", "s", "The link took nothing.")
DELTA_GAP = _histogram("audio_delta_gap_seconds trunkline.audio_delta.gap", "Between two audio deltas of an answer.", bounds=_GAP)
DELTA_LEAD = _histogram("audio_delta_lead_seconds trunkline.audio_delta.lead", "How far delivery was ahead of the speaker, the least of each second of play; below 0 counts as 0.", bounds=_LEAD)
PLAYOUT = _gauge("playout_buffer_seconds trunkline.playout.buffer", "s", "Audio that waits to be played.", "agg")
PLAYOUT_TARGET = _gauge("playout_buffer_target_seconds trunkline.playout.buffer_target", "s", "How much the application wants to wait.", "agg")
UNDERRUNS = _counter("playout_underruns_total trunkline.playout.underruns", "{underrun}", "The speaker had nothing in the middle of an answer.")
UNDERRUN_SECONDS = _counter("playout_underrun_seconds_total trunkline.playout.underrun.time", "s", "Silence that was played for want of audio.")
CAPTURE_OVERRUNS = _counter("capture_overruns_total trunkline.capture.overruns", "{overrun}", "The microphone lost audio.")
CAPTURE_DROPPED = _counter("capture_dropped_seconds_total trunkline.capture.dropped.time", "s", "Audio that the microphone lost.")
LEVEL = _gauge("audio_level_dbfs trunkline.audio.level", "dB", "Level by AES17, where there is one line of these labels: levels do not add up.", "direction", "stat")
CLIPPED = _counter("audio_clipped_samples_total trunkline.audio.clipped", "{sample}", "Samples at full scale in runs of three and more.", "direction")
LOST = _counter("audio_lost_seconds_total trunkline.audio.lost.time", "s", "Audio that was announced as a gap.", "direction", "reason")
REPLAYED = _counter("audio_replayed_seconds_total trunkline.audio.replayed.time", "s", "Audio that was sent again to another session.", "direction", "reason")
DUPLICATE = _counter("audio_duplicate_seconds_total trunkline.audio.duplicate.time", "s", "At most so much was answered twice.", "direction", "reason")
FIRST_AUDIO = _histogram("time_to_first_audio_seconds trunkline.time_to_first_audio", "From the end of speech, as the server told it, to the first audio.", "anchor", bounds=_FIRST_AUDIO)
TURN_GAP = _histogram("turn_gap_seconds trunkline.turn.gap", "From the user's last voiced sample to the first that was played.", bounds=_FIRST_AUDIO)
BARGE_IN = _histogram("barge_in_seconds trunkline.barge_in.duration", "From the word that the user spoke to silence, and from our cut to its confirmation.", "stage", bounds=_BARGE_IN)
RESPONSE_DURATION = _histogram("response_duration_seconds gen_ai.client.operation.duration", "From a response's creation to its end.", "status", bounds=_OPERATION)
RESPONSES = _counter("responses_total trunkline.responses", "{response}", "Responses that are done; reason is the code of a failure.", "status", "reason")
TOKENS = _counter("tokens_total gen_ai.client.token.usage", "{token}", "Tokens as the server counts them; OpenTelemetry gets a histogram of responses.", "kind", "modality", "cached")
API_ERRORS = _counter("api_errors_total trunkline.api.errors", "{error}", "Errors that the server told of, failed responses among them.", "type", "code")
RATE_LIMIT = _gauge("rate_limit_remaining trunkline.rate_limit.remaining", "1", "What is left of a limit, as last told.", "name", "agg")
SCORE = _gauge("quality_score trunkline.quality.score", "1", "The score of the worst line, 0 to 100.", "agg")
DEGRADED = _counter("quality_degraded_seconds_total trunkline.quality.degraded.time", "s", "Seconds of lines below a score of 80, by what took most.", "reason")
LOOP_LAG = _histogram("event_loop_lag_seconds trunkline.event_loop.lag", "By how much a timer of 100 ms was late.", bounds=_LATE)
GRADES = _family(Kind.UPDOWN, "session_grades trunkline.session.grades", "{session}", "Lines by grade: what a score of many lines is.", "grade")
BUILD_INFO = _gauge("build_info ", "1", "Versions; rust is the backend of the codec.", "version", "rust", "python")
# fmt: on
