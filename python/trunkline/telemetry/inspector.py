"""The event inspector: what passes and happens on one line, message by message, with what is in it.

Problem: an operator wants to see cause and effect, so messages of both ways and what happens here must stand in one
list; and a call is a hundred messages a second, of which nearly all say "more audio". So messages of one kind and one
item are one run that grows, and everything else stands by itself. A run of what we send is a second at most: its place
in the list says when.

It reads contents, so it costs some 40 µs a message, and runs only while somebody looks at the line or records it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from trunkline.protocol import observations as seen
from trunkline.protocol.compound_facts import APPEND
from trunkline.protocol.observations import Direction, MilestoneKind
from trunkline.telemetry.contents import Coding, Contents, codings
from trunkline.telemetry.entry import Way
from trunkline.telemetry.frames import Inspected
from trunkline.telemetry.happenings import Happening, happening_of
from trunkline.telemetry.levels import Level
from trunkline.telemetry.run import Run
from trunkline.telemetry.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Observation
    from trunkline.telemetry.frames import Began, Frame

__all__ = ["KEPT_TURNS", "Inspector"]

KEPT_TURNS = 4
"""How many turns it needs to know."""

# A run of what we send is no longer than this; what the server sends is, as long as the item lasts.
_RUN_SECONDS = 1.0
# A pause that breaks a run of deltas in two: what came before it is not what comes after.
_PAUSE_SECONDS = 2.0
# A run that grows is told so often, as the meters move.
_TELL_SECONDS = 0.1
_MOST_RUNS = 32

# What the server answers to, so that an answer says how long it took.
_ANSWERS = {
    "session.updated": "session.update",
    "input_audio_buffer.committed": "input_audio_buffer.commit",
    "input_audio_buffer.cleared": "input_audio_buffer.clear",
    "conversation.item.added": "conversation.item.create",
    "conversation.item.created": "conversation.item.create",
    "conversation.item.truncated": "conversation.item.truncate",
    "conversation.item.deleted": "conversation.item.delete",
    "response.created": "response.create",
}
_MOST_ASKED = 32


class Inspector:
    """Turns the facts of one line into entries, told as frames; an observer beside the digester.

    `contents` says whether messages may be shown; without it only their kind, size and time are. `turns` are those that
    began before it did.
    """

    def __init__(
        self,
        began: Began,
        emit: Callable[[Frame], None],
        *,
        first_number: int = 1,
        contents: bool = True,
        turns: Turns | None = None,
    ) -> None:
        self._line = began.line
        self._emit = emit
        self._contents = contents
        self._rate_hz = began.rate_hz
        self._number = first_number - 1
        self._turns = turns or Turns(began.rate_hz, limit=KEPT_TURNS)
        self._coding = {Direction.UP: self._usual_coding(), Direction.DOWN: self._usual_coding()}
        self._runs: dict[tuple[Way, str, str], Run] = {}
        self._changed: dict[int, Run] = {}
        self._due = began.at
        self._last: Run | None = None
        self._audio: Run | None = None
        self._asked: dict[str, deque[float]] = {}
        self._sent_samples = 0
        self._lates: list[float] = []
        self._underruns: tuple[int, float] | None = None
        self._kernel_rtt: float | None = None
        self._steps: dict[type[Observation], Callable[[Any], None]] = self._table()

    @property
    def next_number(self) -> int:
        """What the next entry will be numbered: an inspector that follows this one begins there."""
        return self._number + 1

    def observe(self, fact: Observation) -> None:
        """Take one fact; facts come in the order of `at`."""
        step = self._steps.get(type(fact))
        if step is not None:
            step(fact)
        else:
            happening = happening_of(fact, self._rate_hz)
            if happening is not None:
                self._happened(fact.at, happening)
        if fact.at >= self._due:
            self.flush(fact.at)

    def flush(self, now: float) -> None:
        """Tell the entries that are new or have grown."""
        self._due = now + _TELL_SECONDS
        changed, self._changed = self._changed, {}
        for number in sorted(changed):
            self._emit(Inspected(line=self._line, entry=changed[number].entry()))

    def _table(self) -> dict[type[Observation], Callable[[Any], None]]:
        """Which method takes which fact; the others are happenings, or nothing."""
        return {
            seen.MessagePassed: self._message,
            seen.AudioSent: self._audio_sent,
            seen.AudioReceived: self._audio_received,
            seen.ChunkLate: self._chunk_late,
            seen.Milestone: self._milestone,
            seen.ServerError: self._server_error,
            seen.ResponseFailed: self._response_failed,
            seen.ResponseUsage: self._usage,
            seen.RateLimits: self._limits,
            seen.SettingsConfirmed: self._settings,
            seen.KernelSampled: self._kernel,
            seen.RoundTrip: self._ping,
            seen.PlayoutSampled: self._playout,
        }

    def _usual_coding(self) -> Coding:
        return Coding(rate_hz=self._rate_hz)

    # Messages.

    def _message(self, fact: seen.MessagePassed) -> None:
        way = Way.UP if fact.direction is Direction.UP else Way.DOWN
        contents = Contents(fact.message, self._coding[fact.direction])
        run = self._growing(way, fact, contents) or self._begin_message(way, fact, contents)
        if self._contents:
            self._read(run, contents)
        if way is Way.UP:
            run.samples += self._sent_samples
            run.lates += self._lates
            self._sent_samples, self._lates = 0, []
        self._last = run
        if way is Way.DOWN and fact.type.endswith("audio.delta"):
            self._audio = run
        self._changed[run.number] = run

    def _growing(self, way: Way, fact: seen.MessagePassed, contents: Contents) -> Run | None:
        """The run that the message belongs to, if it is of a kind that makes runs."""
        run = self._runs.get((way, fact.type, contents.text("item_id")))
        if run is None:
            return None
        begun, last = fact.at - run.at, fact.at - run.until
        if begun >= _RUN_SECONDS if way is Way.UP else last >= _PAUSE_SECONDS:
            return None
        run.count += 1
        run.until = fact.at
        run.size_bytes = (run.size_bytes or 0) + fact.size_bytes
        return run

    def _begin_message(self, way: Way, fact: seen.MessagePassed, contents: Contents) -> Run:
        run = self._begin(fact.at, way, fact.type)
        run.size_bytes = fact.size_bytes
        run.item_id = contents.text("item_id") or contents.inner("item", "id")
        run.response_id = contents.text("response_id") or contents.inner("response", "id")
        run.latency_s = self._answered(way, fact)
        if self._contents:
            run.detail = contents.detail()
        if way is Way.DOWN and fact.type == "error":
            run.level = Level.BAD
        if fact.type == APPEND or fact.type.endswith(".delta"):
            self._runs[way, fact.type, contents.text("item_id")] = run
            while len(self._runs) > _MOST_RUNS:
                del self._runs[next(iter(self._runs))]
        return run

    def _read(self, run: Run, contents: Contents) -> None:
        """What is to be heard or read in it."""
        if run.type == APPEND or run.type.endswith("audio.delta"):
            run.heard(contents.pcm())
        elif run.type.endswith(".delta"):
            run.said(contents.text("delta"))
        elif run.type.endswith("speech_started"):
            run.note = f"at {contents.fields.get('audio_start_ms')} ms"
        elif run.type.endswith("speech_stopped"):
            run.note = f"at {contents.fields.get('audio_end_ms')} ms"

    def _answered(self, way: Way, fact: seen.MessagePassed) -> float | None:
        """How long ago what a message answers was asked."""
        if way is Way.UP:
            asked = self._asked.setdefault(fact.type, deque(maxlen=_MOST_ASKED))
            if fact.type in _ANSWERS.values():
                asked.append(fact.at)
            return None
        asked = self._asked.get(_ANSWERS.get(fact.type, ""), deque())
        return fact.at - asked.popleft() if asked else None

    # What else is known of a message comes as facts of its own, right after it.

    def _audio_sent(self, fact: seen.AudioSent) -> None:
        self._sent_samples += fact.samples

    def _chunk_late(self, fact: seen.ChunkLate) -> None:
        self._lates.append(fact.late)

    def _audio_received(self, fact: seen.AudioReceived) -> None:
        if self._audio is not None:
            self._audio.samples += fact.samples

    def _milestone(self, fact: seen.Milestone) -> None:
        self._turns.milestone(fact)
        run = self._amended()
        if run is None:
            return
        run.turn = self._turn()
        turn = self._turns.kept[-1] if self._turns.kept else None
        if fact.kind is MilestoneKind.FIRST_AUDIO:
            run.note = "first audio"
            if turn is not None and turn.first_audio_ms is not None:
                run.latency_s = turn.first_audio_ms / 1000
        elif fact.kind is MilestoneKind.RESPONSE_DONE:
            run.note = f"{fact.status}  {run.note}".strip()
            run.latency_s = None if turn is None else turn.response_s

    def _server_error(self, fact: seen.ServerError) -> None:
        run = self._amended()
        if run is not None and run.type == "error":
            run.note = f"{fact.code or fact.type}: {fact.message}"

    def _response_failed(self, fact: seen.ResponseFailed) -> None:
        run = self._amended()
        if run is not None:
            run.level = Level.BAD
            run.note = f"{fact.code}: {fact.message}"

    def _usage(self, fact: seen.ResponseUsage) -> None:
        run = self._amended()
        if run is not None:
            run.note = f"{run.note}  {fact.input_tokens}/{fact.output_tokens} tok".strip()

    def _limits(self, fact: seen.RateLimits) -> None:
        run = self._amended()
        if run is not None:
            run.note = "  ".join(f"{name} {left} left" for name, _, left, _ in fact.limits)

    def _settings(self, fact: seen.SettingsConfirmed) -> None:
        """From here on audio is written as the session says."""
        self._coding |= codings(fact.settings, self._rate_hz)

    def _amended(self) -> Run | None:
        """The newest message, about to be changed."""
        if self._last is not None:
            self._changed[self._last.number] = self._last
        return self._last

    # What happens here.

    def _kernel(self, fact: seen.KernelSampled) -> None:
        self._kernel_rtt = fact.rtt

    def _ping(self, fact: seen.RoundTrip) -> None:
        kernel = self._kernel_rtt
        note = "" if kernel is None else f"tcp {kernel * 1000:.0f} ms"
        self._happened(fact.at, Happening("ping", note, latency_s=fact.rtt))

    def _playout(self, fact: seen.PlayoutSampled) -> None:
        count, silent_ms = self._underruns or (fact.underruns, fact.underrun_ms)
        self._underruns = (fact.underruns, fact.underrun_ms)
        if fact.underruns > count:
            note = f"{fact.underrun_ms - silent_ms:.0f} ms"
            self._happened(fact.at, Happening("playout.underrun", note, Level.WARNING))

    def _happened(self, at: float, happening: Happening) -> None:
        run = self._begin(at, Way.LOCAL, happening.type)
        run.note, run.level = happening.note, happening.level
        run.latency_s, run.item_id = happening.latency_s, happening.item_id

    def _begin(self, at: float, way: Way, kind: str) -> Run:
        self._number += 1
        run = Run(
            number=self._number,
            at=at,
            until=at,
            way=way,
            type=kind,
            turn=self._turn(),
            rate_hz=self._rate_hz,
        )
        self._changed[run.number] = run
        return run

    def _turn(self) -> int | None:
        return self._turns.total or None
