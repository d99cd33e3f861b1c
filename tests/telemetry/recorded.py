"""A run as it would be recorded: three turns, a reset mid-utterance and a 1011 mid-reply.

Half a minute at 50 chunks a second. Nothing is random, so what is drawn from it can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from trunkline.protocol.closure import Closure, Fault, judge
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import (
    Anomaly,
    AudioAccepted,
    AudioConsumed,
    AudioReceived,
    AudioSent,
    Direction,
    Fenced,
    LinkEnded,
    LinkOpened,
    MessagePassed,
    Milestone,
    MilestoneKind,
    Observation,
    PlayoutSampled,
    QueueSampled,
    Restored,
    RetryScheduled,
    RoundTrip,
    SessionReady,
    Speaker,
    Transcript,
    Transition,
)
from trunkline.telemetry.metrics import LineMetrics

RATE_HZ = 24_000
CHUNK = 480
START = 1000.0
END = START + 34.0
HOSTILE = "\x1b]52;c;aGk=\x07\x1b[2J[bold red]x[/]"


@dataclass
class Recorder:
    """Writes facts in order, and keeps the books while it does."""

    facts: list[Observation] = field(default_factory=list)
    epoch: int = 0
    state: State = State.IDLE
    outbox: int = 0
    retained: int = 0
    unsure: int = 0

    def put(self, fact, at, /, **fields):
        self.facts.append(fact(at=at, epoch=self.epoch, **fields))

    def go(self, at, target, cause):
        self.put(Transition, at, source=self.state, target=target, cause=cause)
        self.state = target

    def connect(self, at, *, restored=None):
        self.epoch += 1
        self.go(at, State.DIALING, "retry due" if self.epoch > 1 else "start")
        self.put(LinkOpened, at + 0.02, took=0.02)
        self.go(at + 0.02, State.OPENING, "link opened")
        self.put(SessionReady, at + 0.03, session_id=f"sess_C9bq{self.epoch}Zr7Kx41f",
                 model="gpt-realtime", expires_at=None)  # fmt: skip
        self.go(at + 0.03, State.CONFIGURING, "session created")
        self.go(at + 0.05, State.RESTORING, "configured")
        if restored is not None:
            self.put(AudioSent, at + 0.06, samples=restored["replayed"], replayed=True)
            self.put(Restored, at + 0.08, items=restored["items"], items_dropped=0,
                     replayed_samples=restored["replayed"], lost_samples=0, duplicated_samples=0,
                     verified=True, owed=restored["owed"], took=restored["took"])  # fmt: skip
        self.go(at + 0.08, State.LIVE, "restored")

    def lose(self, at, closure):
        self.put(LinkEnded, at, closure=closure, verdict=judge(closure), lived=10.0)
        self.go(at, State.WAITING, "link lost")
        self.put(RetryScheduled, at, attempt=1, delay=0.31)

    def speak(self, start, stop, *, heard):
        """Chunks from start to stop; what is heard of it is consumed when the turn ends."""
        for n in range(round((stop - start) * 50)):
            at = start + n * 0.02
            self.put(AudioAccepted, at, samples=CHUNK)
            self.retained += CHUNK
            if self.state is State.LIVE:
                self.put(AudioSent, at, samples=CHUNK, replayed=False)
                self.put(MessagePassed, at, direction=Direction.UP,
                         type="input_audio_buffer.append", size_bytes=1_340)  # fmt: skip
            else:
                self.outbox += CHUNK
            if n % 10 == 0:
                self.sample(at)
            if n % 50 == 25 and self.state is State.LIVE:
                self.put(RoundTrip, at, rtt=0.0012 + (n % 7) * 0.0004)
        if heard:
            self.put(AudioConsumed, stop, samples=self.retained, evidence="transcribed")
            self.retained = self.outbox = 0
            self.sample(stop)

    def sample(self, at):
        self.put(QueueSampled, at, outbox_samples=self.outbox, retained_samples=self.retained,
                 transport_bytes=0)  # fmt: skip

    def mark(self, at, kind, **fields):
        self.put(Milestone, at, kind=kind, **fields)

    def reply(self, at, response, words, seconds, *, done=True):
        item = f"item_{response}"
        self.mark(at, MilestoneKind.RESPONSE_CREATED, response_id=response)
        self.mark(at + 0.21, MilestoneKind.FIRST_AUDIO, response_id=response)
        for n in range(int(seconds * 10)):
            now = at + 0.21 + n * 0.05
            self.put(AudioReceived, now, response_id=response, item_id=item, samples=4 * CHUNK)
            self.put(MessagePassed, now, direction=Direction.DOWN,
                     type="response.output_audio.delta", size_bytes=5_200)  # fmt: skip
            self.put(PlayoutSampled, now, buffered_ms=80.0 + n * 30, underruns=0)
        for n, word in enumerate(words.split(" ")):
            self.put(Transcript, at + 0.22 + n * 0.05, speaker=Speaker.ASSISTANT, item_id=item,
                     text=word if n == 0 else f" {word}", final=False)  # fmt: skip
        if done:
            end = at + 0.3 + seconds / 2
            self.put(
                Transcript, end, speaker=Speaker.ASSISTANT, item_id=item, text=words, final=True
            )
            self.mark(end, MilestoneKind.RESPONSE_DONE, response_id=response, status="completed")
            self.put(PlayoutSampled, end, buffered_ms=0.0, underruns=0)

    def heard(self, at, item, words):
        self.put(Transcript, at, speaker=Speaker.USER, item_id=item, text=words, final=True)


@cache
def recorded() -> tuple[Observation, ...]:
    """All facts, in the order of their time."""
    r = Recorder()
    r.connect(START)
    _first_turn(r)
    _reset_mid_utterance(r)
    _broken_reply(r)
    r.put(Anomaly, START + 30, kind="unknown event", sample='{"type":"response.dreamt"}')
    return tuple(sorted(r.facts, key=lambda fact: fact.at))


def _first_turn(r):
    t = START + 1
    r.mark(t, MilestoneKind.SPEECH_STARTED, item_id="u1")
    r.speak(t, t + 3, heard=True)
    r.mark(t + 3, MilestoneKind.SPEECH_STOPPED, item_id="u1")
    r.heard(t + 3.1, "u1", "Good morning, I would like to open an account for my daughter.")
    r.reply(t + 3.2, "r1", "Buenos días, quisiera abrir una cuenta para mi hija.", 4.0)


def _reset_mid_utterance(r):
    t = START + 9
    r.mark(t, MilestoneKind.SPEECH_STARTED, item_id="u2")
    r.speak(t, t + 1.5, heard=False)
    r.lose(t + 1.5, Closure(code=1006, fault=Fault.RESET, detail="[Errno 104] reset by peer"))
    r.speak(t + 1.5, t + 2.0, heard=False)
    r.connect(t + 2.0, restored={"items": 2, "replayed": 75 * CHUNK, "owed": False, "took": 0.58})
    r.put(Fenced, t + 2.1, stale_epoch=1, what="response.output_audio.delta")
    r.mark(t + 2.1, MilestoneKind.SPEECH_STARTED, item_id="u2b")
    r.speak(t + 2.1, t + 4, heard=True)
    r.mark(t + 4, MilestoneKind.SPEECH_STOPPED, item_id="u2b")
    r.heard(t + 4.1, "u2b", "She is fourteen years old, 東京 is where she was born 👩‍👧.")
    r.reply(t + 4.3, "r2", "Tiene catorce años y nació en Tokio.", 3.0)


def _broken_reply(r):
    t = START + 18
    r.mark(t, MilestoneKind.SPEECH_STARTED, item_id="u3")
    r.speak(t, t + 3, heard=True)
    r.mark(t + 3, MilestoneKind.SPEECH_STOPPED, item_id="u3")
    r.heard(t + 3.1, "u3", f"What papers do I need? {HOSTILE}")
    r.reply(t + 3.2, "r3", "¿Qué documentos", 1.0, done=False)
    r.lose(t + 4, Closure(code=1011, reason="server_error", error_type="server_error"))
    r.connect(t + 4.4, restored={"items": 5, "replayed": 0, "owed": True, "took": 0.48})
    r.reply(t + 4.6, "r4", "¿Qué documentos necesito?", 3.0)
    r.mark(t + 8, MilestoneKind.SPEECH_STARTED, item_id="u4")
    r.speak(t + 8, END, heard=False)


def metrics_of(*, until=END) -> LineMetrics:
    """The fold of a recording up to a moment."""
    metrics = LineMetrics("demo", RATE_HZ, server="127.0.0.1")
    second = START
    for fact in recorded():
        if fact.at > until:
            break
        while second < fact.at:
            metrics.snapshot(second)
            second += 1.0
        metrics.observe(fact)
    return metrics


@cache
def snapshot_at(until=END):
    """What is known at a moment of the recording."""
    return metrics_of(until=until).snapshot(until)
