"""The spans of one line, drawn from its facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Disposition
from trunkline.protocol.observations import MilestoneKind
from trunkline.telemetry.reckoning import error_type
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.fleet.attributes import Attributes
    from trunkline.protocol.observations import Observation
    from trunkline.telemetry.fold import LineFold

__all__ = ["LineSpans"]

_MOST_RESPONSES = 16
_MOST_SESSIONS = 4
_LOST = "link_ended"


@dataclass(slots=True)
class LineSpans:
    """What is open of a line. Times are seconds of its clock."""

    tracer: Any
    wall_offset: float
    drafts: bool
    span: Any
    """Of the line."""
    sessions: dict[int, Any] = field(default_factory=dict)
    """By epoch."""
    before: Any = None
    """The last session's span, open or not: what the next one is linked to."""
    outage: Any = None
    outage_over_at: float | None = None
    """When the outage ended; its span ends when the restore has told of it, which may come after."""
    responses: dict[str, Any] = field(default_factory=dict)
    lost: list[Any] = field(default_factory=list)
    """The spans of responses that a link took along."""
    model: str = ""

    @classmethod
    def begun(
        cls, tracer: Any, at: float, wall_offset: float, attributes: Attributes, drafts: bool
    ) -> LineSpans:
        """Of a line that began at a moment."""
        start = round((at + wall_offset) * 1e9)
        span = tracer.start_span("trunkline.line", attributes=attributes, start_time=start)
        return cls(tracer, wall_offset, drafts, span)

    def take(self, fact: Observation, fold: LineFold) -> None:
        """Take a fact that the line's fold has just taken."""
        self.wall_offset = fold.began.wall_offset
        step = _STEPS.get(type(fact))
        over_at = self.outage_over_at
        if over_at is not None and fact.at > over_at and not isinstance(fact, seen.Restored):
            self._end_outage()
        if step is not None:
            step(self, fact, fold)

    def end(self, at: float, state: str) -> None:
        """The line is over: what is open ends with it."""
        for name in tuple(self.responses):
            self._end(self.responses.pop(name), at, error=_LOST)
        for epoch in tuple(self.sessions):
            self._end(self.sessions.pop(epoch), at)
        if self.outage is not None:
            if self.outage_over_at is None:
                self.outage_over_at = at
                _fail(self.outage, state)
            self._end_outage()
        self.span.set_attribute("trunkline.end_reason", state)
        self._end(self.span, at, error=state if state == "failed" else "")

    # The facts.

    def _session_ready(self, fact: seen.SessionReady, _: LineFold) -> None:
        self.model = clean(fact.model, limit_chars=80)
        attributes: Attributes = {
            "trunkline.epoch": fact.epoch,
            "trunkline.session.id": clean(fact.session_id, limit_chars=80),
            "gen_ai.response.model": self.model,
        }
        if self.drafts:
            attributes["gen_ai.realtime_session.id"] = attributes["trunkline.session.id"]
        while len(self.sessions) >= _MOST_SESSIONS:
            self._end(self.sessions.pop(min(self.sessions)), fact.at)
        links = () if self.before is None else (self.before,)
        span = self._start("trunkline.session", self.span, fact.at, attributes, links)
        self.sessions[fact.epoch] = self.before = span

    def _link_ended(self, fact: seen.LinkEnded, fold: LineFold) -> None:
        closure, kind = fact.closure, error_type(fact.closure)
        is_done = fact.verdict.disposition is Disposition.DONE
        session = self.sessions.pop(fact.epoch, None)
        if session is not None:
            session.set_attribute("trunkline.close.by_us", closure.by_us)
            if closure.code is not None:
                session.set_attribute("trunkline.close.code", closure.code)
            is_planned = fact.verdict.disposition is Disposition.ROTATE
            self._end(session, fact.at, error="" if is_done or is_planned else kind)
        if not is_done and fact.epoch >= fold.epoch:
            self._lose_responses(fact.at)
        if self.outage is None and fold.outages.is_open:
            self._begin_outage(fact, kind, session)

    def _begin_outage(self, fact: seen.LinkEnded, kind: str, session: Any) -> None:
        attributes: Attributes = {
            "trunkline.epoch": fact.epoch,
            "error.type": clean(kind, limit_chars=80),
            "trunkline.outage.cause": clean(fact.verdict.cause, limit_chars=200),
        }
        links = () if session is None else (session,)
        self.outage = self._start("trunkline.outage", self.span, fact.at, attributes, links)

    def _lose_responses(self, at: float) -> None:
        self.lost = list(self.responses.values())
        for span in self.lost:
            self._end(span, at, error=_LOST)
        self.responses.clear()

    def _retry(self, fact: seen.RetryScheduled, _: LineFold) -> None:
        if self.outage is not None:
            attributes = {"trunkline.attempt": fact.attempt, "trunkline.delay": fact.delay}
            self.outage.add_event("retry", attributes, self._time(fact.at))

    def _restored(self, fact: seen.Restored, fold: LineFold) -> None:
        if self.outage is not None:
            rate_hz = fold.began.rate_hz
            told: Attributes = {
                "trunkline.restored.items": fact.items,
                "trunkline.restored.verified": fact.verified,
                "trunkline.audio.replayed": fact.replayed_samples / rate_hz,
                "trunkline.audio.lost": fact.lost_samples / rate_hz,
                "trunkline.audio.duplicate": fact.duplicated_samples / rate_hz,
            }
            self.outage.set_attributes(told)
            if self.outage_over_at is not None:
                self._end_outage()

    def _transition(self, fact: seen.Transition, fold: LineFold) -> None:
        self.span.add_event(fact.target.value, {"trunkline.epoch": fact.epoch}, self._time(fact.at))
        if self.outage is not None and not fold.outages.is_open and self.outage_over_at is None:
            self.outage_over_at = fact.at

    def _rotated(self, fact: seen.Rotated, _: LineFold) -> None:
        session = self.sessions.pop(fact.old_epoch, None)
        if session is not None:
            session.set_attribute("trunkline.rotated", value=True)
            self._end(session, fact.at)

    def _milestone(self, fact: seen.Milestone, _: LineFold) -> None:
        if fact.kind is MilestoneKind.RESPONSE_CREATED:
            self._response(fact)
            return
        span = self.responses.get(fact.response_id)
        if span is None:
            return
        if fact.kind is MilestoneKind.FIRST_AUDIO:
            span.add_event("first audio", None, self._time(fact.at))
        elif fact.kind is MilestoneKind.RESPONSE_DONE:
            del self.responses[fact.response_id]
            span.set_attribute("trunkline.response.status", clean(fact.status, limit_chars=40))
            self._end(span, fact.at)

    def _response(self, fact: seen.Milestone) -> None:
        response_id = clean(fact.response_id, limit_chars=80)
        attributes: Attributes = {"trunkline.epoch": fact.epoch, "gen_ai.response.id": response_id}
        name = "trunkline.response"
        if self.drafts:
            name = f"realtime_inference {self.model}"
            attributes["gen_ai.operation.name"] = "realtime_inference"
            attributes["gen_ai.provider.name"] = "openai"
            attributes["gen_ai.response.model"] = self.model
        while len(self.responses) >= _MOST_RESPONSES:
            self._end(self.responses.pop(next(iter(self.responses))), fact.at, error="unfinished")
        parent = self.sessions.get(fact.epoch, self.span)
        span = self._start(name, parent, fact.at, attributes, tuple(self.lost))
        self.responses[fact.response_id], self.lost = span, []

    def _usage(self, fact: seen.ResponseUsage, _: LineFold) -> None:
        span = self.responses.get(fact.response_id)
        if span is None:
            return
        span.set_attribute("gen_ai.usage.input_tokens", fact.input_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", fact.output_tokens)
        if self.drafts:
            span.set_attribute("gen_ai.usage.audio.input_tokens", fact.input_audio_tokens)
            span.set_attribute("gen_ai.usage.audio.output_tokens", fact.output_audio_tokens)

    def _failed(self, fact: seen.ResponseFailed, _: LineFold) -> None:
        span = self.responses.get(fact.response_id)
        if span is not None:
            _fail(span, fact.code or "unknown")

    # Spans.

    def _time(self, at: float) -> int:
        """Nanoseconds since 1970."""
        return round((at + self.wall_offset) * 1e9)

    def _start(
        self, name: str, parent: Any, at: float, attributes: Attributes, linked: tuple[Any, ...]
    ) -> Any:
        from opentelemetry import trace  # noqa: PLC0415 - an extra

        return self.tracer.start_span(
            name,
            context=trace.set_span_in_context(parent),
            attributes=attributes,
            links=[trace.Link(span.get_span_context()) for span in linked],
            start_time=self._time(at),
            kind=trace.SpanKind.CLIENT,
        )

    def _end(self, span: Any, at: float, *, error: str = "") -> None:
        if error:
            _fail(span, error)
        span.end(self._time(at))

    def _end_outage(self) -> None:
        assert self.outage_over_at is not None
        self._end(self.outage, self.outage_over_at)
        self.outage = self.outage_over_at = None


def _fail(span: Any, kind: str) -> None:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415 - an extra

    span.set_attribute("error.type", clean(kind, limit_chars=80))
    span.set_status(StatusCode.ERROR)


_STEPS: dict[type[Observation], Callable[[LineSpans, Any, LineFold], None]] = cast(
    "dict[type[Observation], Callable[[LineSpans, Any, LineFold], None]]",
    {
        seen.SessionReady: LineSpans._session_ready,
        seen.LinkEnded: LineSpans._link_ended,
        seen.RetryScheduled: LineSpans._retry,
        seen.Restored: LineSpans._restored,
        seen.Transition: LineSpans._transition,
        seen.Rotated: LineSpans._rotated,
        seen.Milestone: LineSpans._milestone,
        seen.ResponseUsage: LineSpans._usage,
        seen.ResponseFailed: LineSpans._failed,
    },
)
