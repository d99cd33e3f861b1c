"""Both directions: what goes up to the model and what comes down from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.levels import grade
from trunkline.tui.ink import Line, Span, Tone, fit, join, label, level_tone, signed
from trunkline.tui.numbers import UNKNOWN, audio, kilobytes, milliseconds, rate
from trunkline.tui.widgets.bar import bar
from trunkline.tui.widgets.sparkline import Sample, sparkline

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.telemetry.views import FlowView

__all__ = ["paint_downlink", "paint_uplink"]

# The scale of the queue: twice what is bad, so that a full bar means "far too much".
_QUEUE_FULL_MS = 2000.0
_PLAYOUT_LEAST_FULL_MS = 1000.0
_NARROW = 50


def paint_uplink(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """Rates, the queue as a bar, what became of the audio, and the last minute."""
    rates = _rates(snapshot.up, "chunks" if width >= _NARROW else "chk", width)
    lines = [rates, _queue(snapshot, width), _sent(snapshot, width), _history(snapshot.up, width)]
    return _compact(lines, height)


def paint_downlink(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """Rates, the playout buffer as a bar, what was received, and the last minute."""
    rates = _rates(snapshot.down, "deltas" if width >= _NARROW else "dlt", width)
    lines = [
        rates,
        _buffer(snapshot, width),
        _received(snapshot, width),
        _history(snapshot.down, width),
    ]
    return _compact(lines, height)


def _compact(lines: list[Line], height: int) -> list[Line]:
    """The most urgent lines, in their order."""
    return lines if height >= 2 else lines[1:]


def _rates(flow: FlowView, chunks: str, width: int) -> Line:
    return join(
        [
            label("rate", kilobytes(flow.bytes_per_s)),
            label("", rate(flow.chunks_per_s, chunks))[1:],
            label("", rate(flow.messages_per_s, "events" if width >= _NARROW else "ev"))[1:],
        ],
        width,
        gap=3 if width >= _NARROW else 1,
    )


def _queue(snapshot: LineSnapshot, width: int) -> Line:
    queue = snapshot.queue
    waiting = queue.outbox_ms if queue else None
    level = grade("queue_ms", waiting)
    transport = f"{queue.transport_bytes} B" if queue else UNKNOWN
    meter = bar(waiting, _QUEUE_FULL_MS, max(width // 3, 6), level_tone(level))
    return join(
        [
            (Span("queue ", Tone.DIM), *meter, *signed(level, "", milliseconds(waiting))),
            label("transport" if width >= _NARROW else "tx", transport),
        ],
        width,
        gap=2,
    )


def _sent(snapshot: LineSnapshot, width: int) -> Line:
    books = snapshot.books
    wide = width >= _NARROW
    return join(
        [
            label("sent", audio(books.sent_ms)),
            label("replayed" if wide else "repl", audio(books.replayed_ms)),
            signed(grade("gap_ms", books.gap_ms), "lost", audio(books.gap_ms)),
        ],
        width,
        gap=3 if wide else 1,
    )


def _buffer(snapshot: LineSnapshot, width: int) -> Line:
    playout = snapshot.playout
    buffered = playout.buffered_ms if playout else None
    full = max(playout.largest_ms if playout else 0.0, _PLAYOUT_LEAST_FULL_MS)
    underruns = playout.underruns if playout else None
    words = UNKNOWN if underruns is None else str(underruns)
    meter = bar(buffered, full, max(width // 3, 6), Tone.ACCENT)
    return join(
        [
            (Span("buffer ", Tone.DIM), *meter, Span(f" {milliseconds(buffered)}", Tone.STRONG)),
            signed(
                grade("underruns", underruns), "underruns" if width >= _NARROW else "und", words
            ),
        ],
        width,
        gap=2,
    )


def _received(snapshot: LineSnapshot, width: int) -> Line:
    return join(
        [
            label("received", audio(snapshot.down.audio_ms)),
            label("turns answered", f"{snapshot.turns_answered}/{snapshot.turns_total}"),
        ],
        width,
        gap=3 if width >= _NARROW else 1,
    )


def _history(flow: FlowView, width: int) -> Line:
    speed = UNKNOWN if flow.audio_per_s is None else f"{flow.audio_per_s:.2f}"
    head = label("audio", f"{speed} s/s")
    columns = max(min(width - 20, 60), 1)
    samples = [Sample(value) for value in flow.bytes_series]
    row = sparkline(samples, columns, tone_of=lambda value: Tone.ACCENT if value else Tone.DIM)
    return fit((*fit(head, 15), Span("kB/s ", Tone.DIM), *row), width)
