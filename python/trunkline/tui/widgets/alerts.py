"""What was raised and what cleared, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import Level
from trunkline.tui.cells import pad
from trunkline.tui.ink import Line, Span, Tone, fit, level_tone, text
from trunkline.tui.numbers import utc

if TYPE_CHECKING:
    from trunkline.telemetry.fleet_snapshot import FleetSnapshot
    from trunkline.telemetry.snapshot import Alert

__all__ = ["alert_line", "paint_alerts", "paint_few_alerts"]

_NAME_CELLS = 10


def paint_alerts(fleet: FleetSnapshot, width: int, _: int) -> list[Line]:
    """Time, sign, line and reason."""
    if not fleet.alerts:
        return [fit(text("nothing to tell", Tone.DIM), width)]
    return [alert_line(alert, width) for alert in fleet.alerts]


def paint_few_alerts(fleet: FleetSnapshot, width: int, height: int) -> list[Line]:
    """The newest, without a frame around them."""
    lines = paint_alerts(fleet, max(width - 1, 0), height)[:height]
    return [fit((Span(" "), *line), width) for line in lines]


def alert_line(alert: Alert, width: int) -> Line:
    """One alert; what cleared is plain, so that the eye finds what stands."""
    tone = Tone.PLAIN if alert.level is Level.OK else level_tone(alert.level)
    return fit(
        (
            Span(f"{utc(alert.at)} ", Tone.DIM),
            Span(f"{alert.level.sign} ", level_tone(alert.level)),
            Span(f"{pad(alert.name, _NAME_CELLS)} ", Tone.STRONG),
            Span(alert.text, tone),
        ),
        width,
    )
