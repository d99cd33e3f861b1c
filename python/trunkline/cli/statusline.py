"""The line of a running conversation at the bottom of a terminal: a pure function of a glance and a width.

It is as full as there is room: the widest of a few layouts that fits is taken, and the last is cut. So no terminal
wraps it, and what matters most (is the link there, whose turn is it, am I muted) is the last to go.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from trunkline.audio.level import FLOOR_DBFS
from trunkline.cli.cellwidth import cells, cut
from trunkline.cli.glance import Glance, Health, Turn
from trunkline.telemetry.levels import Level, grade

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["ASCII", "Piece", "Tone", "in_ascii", "painted", "status_line"]


class Tone(Enum):
    """What a piece means to the eye, by its SGR parameters; a sign or a word says it, too."""

    PLAIN = ""
    DIM = "2"
    STRONG = "1"
    GOOD = "32"
    WARNING = "33"
    BAD = "31"
    INVERSE = "7"


class Piece(NamedTuple):
    """Text of one tone."""

    text: str
    tone: Tone = Tone.PLAIN


ASCII = str.maketrans("●▲✖○▕▏▎▍▌▋▊▉█─…·", "*!xo[|||||||#-~.")
"""Our own signs, for terminals whose font or locale has them wide or not at all."""

_HEALTH = {
    Health.DIALING: ("○", Tone.DIM),
    Health.LIVE: ("●", Tone.GOOD),
    Health.LOST: ("▲", Tone.WARNING),
    Health.RESTORING: ("▲", Tone.WARNING),
    Health.ENDING: ("○", Tone.DIM),
    Health.FAILED: ("✖", Tone.BAD),
}
_SHORT_HEALTH = {Health.LOST: "lost", Health.RESTORING: "restore"}
_TURNS = {
    Turn.LISTENING: Tone.DIM,
    Turn.HEARING: Tone.STRONG,
    Turn.THINKING: Tone.STRONG,
    Turn.SPEAKING: Tone.STRONG,
}
_EIGHTHS = " ▏▎▍▌▋▊▉"
# A meter's left end: what is quieter is a room, not a voice (console.md's thresholds begin at -50).
_QUIETEST_DBFS = -60.0
_LEVELS = {Level.WARNING: Tone.WARNING, Level.BAD: Tone.BAD}


def status_line(glance: Glance, columns: int) -> tuple[Piece, ...]:
    """The pieces side by side, in fewer cells than `columns`: a full last cell makes some terminals wrap."""
    width = max(columns - 1, 0)
    for layout in _LAYOUTS:
        pieces = _joined(layout(glance))
        if sum(cells(piece.text) for piece in pieces) <= width:
            return pieces
    return _cut(_joined(_LAYOUTS[-1](glance)), width)


def painted(pieces: Sequence[Piece], *, coloured: bool, ascii_only: bool = False) -> str:
    """The pieces as a terminal takes them; without colours and tones where `NO_COLOR` asks for that."""
    texts = [in_ascii(piece.text) if ascii_only else piece.text for piece in pieces]
    if not coloured:
        return "".join(texts)
    return "".join(
        f"\x1b[{piece.tone.value}m{text}\x1b[0m" if piece.tone.value else text
        for piece, text in zip(pieces, texts, strict=True)
    )


def in_ascii(text: str) -> str:
    """The text in ASCII, of the same width: our own signs by their stand-ins, anything foreign as `?`."""
    mapped = text.translate(ASCII)
    if mapped.isascii():
        return mapped
    return "".join(sign if sign.isascii() else "?" * cells(sign) for sign in mapped)


def _joined(groups: Sequence[Sequence[Piece]]) -> tuple[Piece, ...]:
    """The groups that are not empty, two blanks apart."""
    found: list[Piece] = []
    for group in groups:
        if group:
            found += [Piece("  ")] if found else []
            found += group
    return tuple(found)


def _cut(pieces: tuple[Piece, ...], width: int) -> tuple[Piece, ...]:
    found = []
    for piece in pieces:
        text = cut(piece.text, width)
        found.append(Piece(text, piece.tone))
        width -= cells(text)
    return tuple(found)


def _wide(glance: Glance) -> list[list[Piece]]:
    return [
        _health(glance, clock=True),
        _meter("you", glance.said_dbfs, 12, number=True, warns=True),
        _meter("model", glance.heard_dbfs, 12, number=True),
        _rtt(glance, "rtt "),
        _turn(glance),
        _microphone(glance, long=True),
    ]


def _usual(glance: Glance) -> list[list[Piece]]:
    return [
        _health(glance, clock=True),
        _meter("you", glance.said_dbfs, 6, number=True, warns=True),
        _meter("model", glance.heard_dbfs, 6, number=True),
        _rtt(glance, ""),
        _turn(glance),
        _microphone(glance),
    ]


def _narrow(glance: Glance) -> list[list[Piece]]:
    return [
        _health(glance, short=True),
        _meter("you", glance.said_dbfs, 6, warns=True),
        _meter("model", glance.heard_dbfs, 6),
        _rtt(glance, ""),
        _turn(glance),
        _microphone(glance),
    ]


def _small(glance: Glance) -> list[list[Piece]]:
    return [
        _health(glance, short=True),
        [*_meter("", glance.said_dbfs, 3, warns=True), *_meter("", glance.heard_dbfs, 3)],
        [] if glance.rtt is None else [Piece(f"{glance.rtt * 1000:.0f}ms", _rtt_tone(glance.rtt))],
        _microphone(glance) or _turn(glance),
    ]


def _tiny(glance: Glance) -> list[list[Piece]]:
    return [_health(glance, short=True), _microphone(glance) or _turn(glance)]


_Layout: TypeAlias = "Callable[[Glance], list[list[Piece]]]"
_LAYOUTS: tuple[_Layout, ...] = (_wide, _usual, _narrow, _small, _tiny)


def _health(glance: Glance, *, clock: bool = False, short: bool = False) -> list[Piece]:
    sign, tone = _HEALTH[glance.health]
    name = glance.health.value
    if short:
        name = _SHORT_HEALTH.get(glance.health, name)
    if glance.retry_in is not None:
        wait = f"back in {glance.retry_in:.1f} s"
        name = wait if short else f"{name}, {wait}"
    elif clock and glance.health is Health.LIVE:
        name += f" {_clock(glance.live_s)}"
    return [Piece(f"{sign} {name}", tone)]


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def _meter(
    name: str, dbfs: float, width: int, *, number: bool = False, warns: bool = False
) -> list[Piece]:
    label = [Piece(f"{name} ", Tone.DIM)] if name else []
    is_loud = warns and grade("input_high_dbfs", dbfs) is Level.BAD
    bar = Piece(_bar(dbfs, width), Tone.WARNING if is_loud else Tone.PLAIN)
    edges = (Piece("▕", Tone.DIM), bar, Piece("▏", Tone.DIM))
    shown = "-inf" if dbfs <= FLOOR_DBFS else f"{dbfs:.0f}{'!' if is_loud else ''}"
    return [*label, *edges, *([Piece(f"{shown:>4}")] if number else [])]


def _bar(dbfs: float, width: int) -> str:
    share = min(max((dbfs - _QUIETEST_DBFS) / -_QUIETEST_DBFS, 0.0), 1.0)
    whole, eighths = divmod(round(share * width * 8), 8)
    part = _EIGHTHS[eighths] if eighths else ""
    return ("█" * whole + part).ljust(width)


def _rtt(glance: Glance, label: str) -> list[Piece]:
    if glance.rtt is None:
        return [Piece(f"{label}{'-':>3} ms", Tone.DIM)]
    return [Piece(f"{label}{glance.rtt * 1000:>3.0f} ms", _rtt_tone(glance.rtt))]


def _rtt_tone(rtt: float) -> Tone:
    return _LEVELS.get(grade("rtt_ms", rtt * 1000), Tone.PLAIN)


def _turn(glance: Glance) -> list[Piece]:
    longest = max(len(turn.value) for turn in Turn)
    return [Piece(glance.turn.value.ljust(longest), _TURNS[glance.turn])]


def _microphone(glance: Glance, *, long: bool = False) -> list[Piece]:
    if glance.is_muted:
        return [Piece("MUTED", Tone.INVERSE), *([Piece(", m unmutes")] if long else [])]
    if glance.is_pressed is None:
        return []
    words = ", space sends" if glance.is_pressed else ", space talks"
    return [
        Piece("ON AIR" if glance.is_pressed else "off", Tone.INVERSE),
        *([Piece(words)] if long else []),
    ]
