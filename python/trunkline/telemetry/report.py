"""The report of a whole run: what a headless caller prints in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from trunkline.protocol.closure import Disposition
from trunkline.protocol.observations import (
    AudioAccepted,
    AudioConsumed,
    AudioGap,
    AudioSent,
    LinkEnded,
    Restored,
    RoundTrip,
    TakenOver,
    Transition,
)
from trunkline.telemetry.books import Ledgers
from trunkline.telemetry.histogram import Histogram
from trunkline.telemetry.outages import Outages
from trunkline.telemetry.presence import LIVE
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.observations import Observation

__all__ = ["RunReport"]

_Fact = TypeVar("_Fact", bound="Observation")
_Handler = tuple["type[Observation]", "Callable[[Observation], None]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    code: int | None
    reason: Clean
    cause: Clean


@dataclass(slots=True)
class _Totals:
    round_trips: Histogram = field(default_factory=Histogram)
    closures: list[_Ended] = field(default_factory=list)
    restores: list[Restored] = field(default_factory=list)


class RunReport:
    """Folds the observations of one line from its start to its end; nothing is forgotten."""

    def __init__(self, rate_hz: int) -> None:
        self._books = Ledgers(rate_hz)
        self._outages = Outages(rate_hz)
        self._totals = _Totals()
        self._handlers: dict[type[Observation], Callable[[Observation], None]] = dict(self._table())

    def observe(self, observation: Observation) -> None:
        """Take one fact."""
        handler = self._handlers.get(type(observation))
        if handler is not None:
            handler(observation)

    def as_dict(self) -> dict[str, Any]:
        """The totals, ready for JSON: milliseconds and seconds to a thousandth, unknown is None."""
        return {
            "reconnects": self._outages.ended,
            "closures": [
                {"code": end.code, "reason": end.reason, "cause": end.cause}
                for end in self._totals.closures
            ],
            "audio": self._audio(),
            "restore": [
                {"epoch": fact.epoch, "items": fact.items, "took_ms": round(fact.took * 1000, 3)}
                for fact in self._totals.restores
            ],
            "rtt_ms": {"p50": self._rtt_ms(50), "p95": self._rtt_ms(95)},
        }

    def _audio(self) -> dict[str, float]:
        books = self._books.view()
        return {
            "accepted_ms": books.accepted_ms,
            "consumed_ms": books.consumed_ms,
            "replayed_ms": books.replayed_ms,
            "gap_ms": books.gap_ms,
            "retained_ms": books.retained_ms,
        }

    def _rtt_ms(self, percent: float) -> float | None:
        value = self._totals.round_trips.percentile(percent)
        return None if value is None else round(value * 1000, 3)

    def _table(self) -> list[_Handler]:
        """Which method takes which fact; the others do not change the report."""
        return [
            _row(TakenOver, self._taken_over),
            _row(AudioAccepted, self._accepted),
            _row(AudioConsumed, self._consumed),
            _row(AudioSent, self._sent),
            _row(AudioGap, self._gap),
            _row(LinkEnded, self._link_ended),
            _row(Restored, self._restored),
            _row(RoundTrip, self._round_trip),
            _row(Transition, self._transition),
        ]

    def _taken_over(self, fact: TakenOver) -> None:
        self._books.take_over(fact)

    def _accepted(self, fact: AudioAccepted) -> None:
        self._books.accepted += fact.samples

    def _consumed(self, fact: AudioConsumed) -> None:
        self._books.consumed += fact.samples

    def _sent(self, fact: AudioSent) -> None:
        if fact.replayed:
            self._books.replayed += fact.samples

    def _gap(self, fact: AudioGap) -> None:
        self._books.gap += fact.samples

    def _link_ended(self, fact: LinkEnded) -> None:
        self._outages.link_ended(fact)
        if fact.verdict.disposition is Disposition.DONE:
            return
        self._totals.closures.append(
            _Ended(
                code=fact.closure.code,
                reason=clean(fact.closure.reason or fact.closure.describe(), limit_chars=300),
                cause=clean(fact.verdict.cause, limit_chars=200),
            )
        )

    def _restored(self, fact: Restored) -> None:
        # A first session has nothing to be told; only the return from an outage is a restore.
        if self._totals.closures:
            self._totals.restores.append(fact)

    def _round_trip(self, fact: RoundTrip) -> None:
        self._totals.round_trips.add(fact.rtt)

    def _transition(self, fact: Transition) -> None:
        if fact.target.value == LIVE:
            self._outages.live(fact.at, fact.epoch)


def _row(kind: type[_Fact], handler: Callable[[_Fact], None]) -> _Handler:
    """A row of the table; the key is the type the handler takes."""
    return kind, cast("Callable[[Observation], None]", handler)
