"""Where the time went: shares of the states, the mix of grades, and the server's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.cells import pad
from trunkline.tui.ink import Line, Span, Tone, fit, join
from trunkline.tui.widgets.bar import filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.telemetry.fleet_snapshot import FleetSnapshot

__all__ = ["paint_shares"]

_NAME_CELLS = 14
_PERCENT_CELLS = 8
_STATE_NAMES = {"live": "open"}
_GRADE_TONES = {
    "excellent": Tone.OK,
    "good": Tone.OK,
    "fair": Tone.WARNING,
    "poor": Tone.BAD,
    "lost": Tone.BAD,
}


def paint_shares(fleet: FleetSnapshot, width: int, height: int) -> list[Line]:
    """A bar for each state, then grades by their letters, then codes of errors."""
    shares = [_share(state, share, width) for state, share in fleet.state_shares]
    shares = shares[: max(height - 2, 1)]
    return [
        *shares,
        *[()] * (max(height - 2, 1) - len(shares)),
        _grades(fleet, width),
        _errors(fleet, width),
    ]


def _share(state: str, share: float, width: int) -> Line:
    cells = max(width - _NAME_CELLS - _PERCENT_CELLS, 1)
    tone = Tone.OK if state == "live" else Tone.WARNING
    return fit(
        (
            Span(pad(_STATE_NAMES.get(state, state), _NAME_CELLS), Tone.DIM),
            Span(filled(share, 1.0, cells), tone),
            Span(f"{share * 100:>6.1f} %"),
        ),
        width,
    )


def _grades(fleet: FleetSnapshot, width: int) -> Line:
    items = [
        (Span(f"{_letter(name)} ", Tone.DIM), Span(str(count), _GRADE_TONES.get(name, Tone.DIM)))
        for name, count in fleet.grades
        if count or name in _GRADE_TONES
    ]
    return _named("score mix", items, width)


def _letter(name: str) -> str:
    return "?" if name == "unknown" else name[:1].upper()


def _errors(fleet: FleetSnapshot, width: int) -> Line:
    items = [(Span(f"{code} ", Tone.DIM), Span(str(n), Tone.WARNING)) for code, n in fleet.errors]
    return _named("errors", items or [(Span("none", Tone.DIM),)], width)


def _named(name: str, items: Sequence[Line], width: int) -> Line:
    room = max(width - _NAME_CELLS, 1)
    return fit((Span(pad(name, _NAME_CELLS), Tone.DIM), *join(items, room, gap=2)), width)
