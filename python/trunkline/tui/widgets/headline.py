"""The first line: which screen and line this is, and whether what is shown is of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.tui.context import SILENT_SECONDS
from trunkline.tui.ink import Line, Span, Tone, fit, line_width, spread, text, trimmed
from trunkline.tui.numbers import clock, utc

if TYPE_CHECKING:
    from trunkline.tui.standing import Standing

__all__ = ["finish_line", "headline", "window_name"]

# Below, the program's name and the words of the right side are left out.
_WIDE = 100
# What an operator must not miss stays, even if the name of the line is cut.
_NEEDED = 9
_WINDOWS = {30: "30s", 60: "1m", 300: "5m", 900: "15m", 3600: "1h"}


def window_name(seconds: int) -> str:
    """`30s`, `1m`, `5m`, `15m` or `1h`."""
    return _WINDOWS.get(seconds, f"{seconds}s")


def headline(standing: Standing, named: Line, right: Line, width: int) -> list[Line]:
    """Program, screen and what it is of at the left; freshness, window, recording and time at the right."""
    wide = width >= _WIDE
    brand = (Span(" trunkline ", Tone.STRONG), Span(" ")) if wide else (Span(" "),)
    left = trimmed((*brand, Span(standing.screen, Tone.ACCENT), Span("  "), *named))
    now = (Span(f"{utc(standing.at)}Z ", Tone.STRONG),)
    parts = _parts(standing, right, wide=wide)
    while parts and line_width(left) + line_width(_tail(parts, now, wide=wide)) >= width:
        least = min(parts, key=lambda part: part[0])
        if least[0] >= _NEEDED:
            break
        parts.remove(least)
    return [spread(left, _tail(parts, now, wide=wide), width)]


def _tail(parts: list[tuple[int, Line]], now: Line, *, wide: bool) -> Line:
    gap = Span(" · " if wide else "  ", Tone.DIM)
    return (*(span for _, part in parts for span in (*part, gap)), *now)


def _parts(standing: Standing, right: Line, *, wide: bool) -> list[tuple[int, Line]]:
    """What is said at the right, each with how much it is needed."""
    window = window_name(standing.window_s)
    recorded = standing.recorded_s
    fresh = _freshness(standing)
    parts = [
        (_NEEDED if fresh[0].tone is not Tone.OK else 2, fresh),
        (1, text(f"window {window}" if wide else window, Tone.DIM)),
        (3, right),
    ]
    if recorded is not None:
        words = f"● REC {_hours(recorded)}" if wide else "●REC"
        parts.insert(2, (_NEEDED, text(words, Tone.BAD)))
    return [part for part in parts if part[1]]


def _freshness(standing: Standing) -> Line:
    """Why the time at the right does not go on, if it does not."""
    if standing.frozen:
        return text(" FROZEN · space goes on ", Tone.INVERSE)
    if standing.message is not None:
        return text("finished", Tone.WARNING)
    if standing.speed is not None:
        return text(
            f"replay {standing.speed:g}x" if standing.speed else "replay paused", Tone.ACCENT
        )
    if standing.at is None:
        return text("waiting for data", Tone.DIM)
    if standing.silent_s >= SILENT_SECONDS:
        return text(f"▲ no data for {standing.silent_s:.0f} s", Tone.WARNING)
    return text("live", Tone.OK)


def _hours(seconds: float) -> str:
    words = clock(seconds)
    return words if words.count(":") == 2 else f"00:{words}"


def finish_line(standing: Standing, width: int) -> Line:
    """How the run ended, once it did."""
    if standing.message is None:
        return ()
    return fit((Span(f" finished: {standing.message} · q to leave ", Tone.INVERSE),), width)
