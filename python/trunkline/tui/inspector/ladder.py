"""What went between client and server in a turn: each message or run once, with its time since the user stopped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.tui.inspector.runs import run_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trunkline.telemetry.entry import Entry

__all__ = ["ARROWS", "Rung", "ladder", "short_type"]

ARROWS = {Way.UP: "↑", Way.DOWN: "↓", Way.LOCAL: "·"}
"""Signs of the directions."""

# What is told from: the end of the user's speech as the server told it, or what stands for it.
_ANCHORS = (
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "input_audio_buffer.commit",
    "response.create",
    "response.created",
)
# Entries of other turns between two of one: a user who speaks into an answer makes a few hundred.
_LONGEST_BREAK = 1000
_ODD = (Level.WARNING, Level.BAD)
# Book-keeping between what matters to an ear; shown only where it went wrong.
_ASIDE = re.compile(
    r"ping$|state$|conversation\.|rate_limits\.|session\.|input_audio_buffer\.(committed|cleared|timeout)"
    r"|response\.(output_item|content_part)\.|response\..*(transcript|text)\.(delta|done)"
    r"|response\.(output_)?audio\.done|response\.function_call_arguments\.delta"
)
_PREFIX = re.compile(r"^(input_audio_buffer\.|response\.output_|response\.|output_audio_buffer\.)")


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of the ladder."""

    entry: Entry
    """The message, or all of its kind as one."""
    offset_ms: float | None
    """Since the user stopped; None for what began before."""

    @property
    def level(self) -> Level:
        """WARNING and BAD are marked."""
        return self.entry.level


def short_type(kind: str) -> str:
    """The type without what goes without saying."""
    return _PREFIX.sub("", kind)


def ladder(entries: Sequence[Entry], turn: int | None, near: int | None = None) -> tuple[Rung, ...]:
    """The rungs of a turn, oldest first; none if it has no entries any more.

    `near` is the index of one of its entries: with it, ten thousand entries are not gone through for a dozen.
    """
    if turn is None:
        return ()
    around = entries if near is None else _around(entries, turn, near)
    of_turn = [entry for entry in around if entry.turn == turn]
    if not of_turn:
        return ()
    began, ended = of_turn[0].at, max(entry.until for entry in of_turn)
    kept = [
        entry
        for entry in around
        if entry.level in _ODD or not _ASIDE.match(entry.type)
        if entry.turn == turn or (_is_felt(entry) and began <= entry.at <= ended)
    ]
    runs = sorted(_by_kind(kept), key=lambda entry: (entry.at, entry.number))
    zero = _anchor(of_turn)
    return tuple(Rung(entry, _offset(entry, zero)) for entry in runs)


def _around(entries: Sequence[Entry], turn: int, near: int) -> Sequence[Entry]:
    """The entries from the first of the turn to its last, as far as no long stretch without it lies between."""
    first = last = near
    for index in range(near, -1, -1):
        if entries[index].turn == turn:
            first = index
        elif first - index > _LONGEST_BREAK:
            break
    for index in range(near, len(entries)):
        if entries[index].turn == turn:
            last = index
        elif index - last > _LONGEST_BREAK:
            break
    return entries[first : last + 1]


def _is_felt(entry: Entry) -> bool:
    """Whether something that belongs to no turn disturbed this one."""
    return (
        entry.turn is None and entry.way is Way.LOCAL and entry.level in (Level.WARNING, Level.BAD)
    )


def _by_kind(entries: Iterable[Entry]) -> list[Entry]:
    """Audio of one answer, or of the user, as one; everything else by itself."""
    kinds: dict[object, list[Entry]] = {}
    for entry in entries:
        audio = entry.audio_ms is not None
        key = (entry.way, entry.type, entry.response_id) if audio else entry.number
        kinds.setdefault(key, []).append(entry)
    return [run_of(entries) for entries in kinds.values()]


def _anchor(entries: Sequence[Entry]) -> float:
    first = {str(entry.type): entry.at for entry in reversed(entries)}
    return next((first[kind] for kind in _ANCHORS if kind in first), entries[0].at)


def _offset(entry: Entry, zero: float) -> float | None:
    return (entry.at - zero) * 1000 if entry.at >= zero else None
