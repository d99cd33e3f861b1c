"""The words of both sides with what cut them, wrapped, newest at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trunkline.telemetry.snapshot import Utterance
from trunkline.tui.cells import pad, wrap
from trunkline.tui.ink import Line, Span, Tone, fit, text
from trunkline.tui.moments import utc_of

if TYPE_CHECKING:
    from trunkline.telemetry.snapshot import LineSnapshot, TranscriptLine, Turn

__all__ = ["paint_last_words", "paint_transcript", "words_of"]

_SPEAKERS = {
    "user": ("user", Tone.ACCENT),
    "assistant": ("model", Tone.OK),
    "tool": ("tool", Tone.WARNING),
}
_MARKS = {Utterance.OPEN: " ▌", Utterance.FINAL: "", Utterance.CUT: " ✂"}
_NAME_CELLS = 6


class _Saying(NamedTuple):
    at: float
    speaker: str
    words: str
    tone: Tone


def paint_transcript(snapshot: LineSnapshot, width: int, _: int) -> list[Line]:
    """Time, speaker and words; `▌` where more may follow, `✂` where a link ended in the middle, `⟂` a barge-in."""
    sayings = _sayings(snapshot)
    if not sayings:
        return [fit(text("nothing was said yet", Tone.DIM), width)]
    return [line for saying in sayings for line in _item(snapshot, saying, width)]


def paint_last_words(snapshot: LineSnapshot, width: int, height: int) -> list[Line]:
    """The last sayings, one line each, without their time."""
    sayings = _sayings(snapshot)[-height:] if height else []
    lines = []
    for saying in sayings:
        name, tone = _SPEAKERS.get(saying.speaker, (saying.speaker, Tone.PLAIN))
        lines.append(fit((Span(f" {name:<5} ", tone), Span(saying.words, saying.tone)), width))
    return lines


def words_of(snapshot: LineSnapshot) -> str:
    """The same as plain text, a line for each saying."""
    return "".join(
        f"{utc_of(snapshot, saying.at)} {_SPEAKERS.get(saying.speaker, (saying.speaker,))[0]:<5} {saying.words}\n"
        for saying in _sayings(snapshot)
    )


def _sayings(snapshot: LineSnapshot) -> list[_Saying]:
    """What was said, and what the turns tell beside it, in the order in which it happened."""
    said = [_said(line) for line in snapshot.transcript]
    if not said:
        return []
    beside = [
        saying for turn in snapshot.turns for saying in _beside(turn) if saying.at >= said[0].at
    ]
    return sorted([*said, *beside], key=lambda saying: saying.at)


def _said(line: TranscriptLine) -> _Saying:
    tone = Tone.DIM if line.progress is Utterance.CUT else Tone.PLAIN
    return _Saying(line.at, line.speaker, f"{line.text}{_MARKS[line.progress]}", tone)


def _beside(turn: Turn) -> list[_Saying]:
    """Barge-ins and tools, which have no words of their own."""
    found = []
    at = turn.done_at if turn.done_at is not None else turn.at
    if turn.interrupted and turn.cut_ms is not None:
        silent = "" if turn.barge_in_ms is None else f" (silent after {turn.barge_in_ms:.0f} ms)"
        words = f"⟂ interrupted model at {turn.cut_ms:.0f} ms{silent}"
        found.append(_Saying(at, "user", words, Tone.WARNING))
    if turn.tools:
        took = "" if turn.tool_ms is None else f" in {turn.tool_ms:.0f} ms"
        found.append(_Saying(at, "tool", f"{', '.join(turn.tools)}{took}", Tone.DIM))
    return found


def _item(snapshot: LineSnapshot, saying: _Saying, width: int) -> list[Line]:
    name, tone = _SPEAKERS.get(saying.speaker, (saying.speaker, Tone.PLAIN))
    time = f"{utc_of(snapshot, saying.at)} "
    indent = len(time) + _NAME_CELLS
    first, *rest = wrap(saying.words, max(width - indent, 1))
    head = (Span(time, Tone.DIM), Span(pad(name, _NAME_CELLS), tone), Span(first, saying.tone))
    return [
        fit(head, width),
        *(fit((Span(" " * indent), Span(part, saying.tone)), width) for part in rest),
    ]
