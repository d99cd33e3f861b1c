"""The session's settings as the server confirmed them, and the limits and counts beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trunkline.tui.ink import Line, Span, Tone, fit, text
from trunkline.tui.numbers import UNKNOWN, age, audio, bare, size, thousands
from trunkline.tui.widgets.bar import bar

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot

__all__ = ["paint_limits", "paint_settings"]

_KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(:\s*)(.*)$')
_NAME_CELLS = 13
_BAR_CELLS = 10


def paint_settings(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """Indented JSON, names set off from values."""
    if not snapshot.settings:
        return [fit(text("the server confirmed no settings yet", Tone.DIM), width)]
    return [fit(_coloured(row), width) for row in snapshot.settings.split("\n")]


def _coloured(row: str) -> Line:
    found = _KEY.match(row)
    if found is None:
        return (Span(row),)
    indent, key, colon, value = found.groups()
    return (Span(indent), Span(key, Tone.ACCENT), Span(colon, Tone.DIM), Span(value))


def paint_limits(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """Tokens, rate limits, errors, states, messages by type, and the books."""
    return [fit(line, width) for line in _limits(snapshot)]


def _limits(snapshot: LineSnapshot) -> list[Line]:
    usage, lag = snapshot.usage, snapshot.loop_lag
    return [
        _row("session", str(snapshot.session_id or UNKNOWN)),
        _row(
            "tokens",
            f"in {usage.input_tokens}  cached {usage.cached_tokens}  out {usage.output_tokens}",
        ),
        *(_limit(*limit) for limit in usage.limits),
        _row("errors", "  ".join(f"{code} {count}" for code, count in snapshot.errors) or "none"),
        (),
        *(_state(name, seconds, snapshot) for name, seconds in snapshot.state_seconds),
        _row(
            "loop lag", f"p50 {bare(lag.p50_ms)}  p95 {bare(lag.p95_ms)}  max {bare(lag.max_ms)} ms"
        ),
        _row("odd", f"{snapshot.anomalies} anomalies  {snapshot.fenced} fenced"),
        (),
        *_books(snapshot),
        (),
        _row(
            "up",
            f"{thousands(snapshot.up.messages_total)} messages  {size(snapshot.up.bytes_total)}",
        ),
        *(_type(name, count) for name, count in snapshot.up.types),
        _row(
            "down",
            f"{thousands(snapshot.down.messages_total)} messages  {size(snapshot.down.bytes_total)}",
        ),
        *(_type(name, count) for name, count in snapshot.down.types),
    ]


def _row(name: str, words: str, tone: Tone = Tone.PLAIN) -> Line:
    return (Span(f"{name:<{_NAME_CELLS}}", Tone.DIM), Span(words, tone))


def _limit(name: str, limit: int, left: int, reset_s: float) -> Line:
    share = left / limit if limit else 0.0
    tone = Tone.OK if share > 0.2 else Tone.WARNING if share > 0.05 else Tone.BAD
    words = f" {left} of {limit} left, whole in {reset_s:.1f} s"
    return (
        Span(f"{name[: _NAME_CELLS - 1]:<{_NAME_CELLS}}", Tone.DIM),
        *bar(share, 1.0, _BAR_CELLS, tone),
        Span(words),
    )


def _state(name: str, seconds: float, snapshot: LineSnapshot) -> Line:
    share = seconds / snapshot.age_s * 100 if snapshot.age_s else 0.0
    return _row(name[:_NAME_CELLS], f"{age(seconds)}  {share:.1f} %")


def _books(snapshot: LineSnapshot) -> list[Line]:
    books = snapshot.books
    verdict = {
        None: ("the line has not told its own count yet", Tone.DIM),
        True: ("balanced", Tone.OK),
    }.get(books.balanced, (f"off by {audio(books.imbalance_ms)}", Tone.BAD))
    return [
        _row("accepted", audio(books.accepted_ms)),
        _row("= consumed", audio(books.consumed_ms)),
        _row("+ retained", audio(books.retained_ms)),
        _row("+ gap", audio(books.gap_ms), Tone.BAD if books.gap_ms else Tone.PLAIN),
        _row("books", *verdict),
        _row("replayed", audio(books.replayed_ms)),
    ]


def _type(name: str, count: int) -> Line:
    return (Span(f"  {count:>8} ", Tone.PLAIN), Span(name, Tone.DIM))
