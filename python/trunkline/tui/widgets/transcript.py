"""The words of both sides, wrapped, newest at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.telemetry.snapshot import Utterance
from trunkline.tui.cells import pad, wrap
from trunkline.tui.ink import Line, Span, Tone, fit, text
from trunkline.tui.numbers import clock

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot, TranscriptLine

__all__ = ["paint_transcript"]

_SPEAKERS = {"user": ("user", Tone.ACCENT), "assistant": ("model", Tone.OK)}
_MARKS = {Utterance.OPEN: " ▌", Utterance.FINAL: "", Utterance.CUT: " ✂"}
_NAME_CELLS = 6


def paint_transcript(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """Time, speaker and words; `▌` where more may follow, `✂` where a link ended in the middle."""
    if not snapshot.transcript:
        return [fit(text("nothing was said yet", Tone.DIM), width)]
    return [line for said in snapshot.transcript for line in _item(snapshot, said, width)]


def _item(snapshot: LineSnapshot, said: TranscriptLine, width: int) -> list[Line]:
    name, tone = _SPEAKERS.get(said.speaker, (said.speaker, Tone.PLAIN))
    time = f"{clock(snapshot.clock(said.at))} "
    indent = len(time) + _NAME_CELLS
    first, *rest = wrap(f"{said.text}{_MARKS[said.progress]}", max(width - indent, 1))
    words = Tone.DIM if said.progress is Utterance.CUT else Tone.PLAIN
    head = (Span(time, Tone.DIM), Span(pad(name, _NAME_CELLS), tone), Span(first, words))
    return [
        fit(head, width),
        *(fit((Span(" " * indent), Span(part, words)), width) for part in rest),
    ]
