"""How long `semantic_vad` lets a pause last before it takes the turn for finished.

The API asks a model how likely it is that the user has finished, and waits the longer the less
likely it is, at most 8, 4 or 2 seconds by eagerness (SDK). Here the words decide, as far as the
voice understood any: a sentence with its end mark is finished, one that breaks off or trails away is
not, and of sounds without words nobody knows.
"""

from __future__ import annotations

import re
from enum import Enum

__all__ = ["EAGERNESS", "Completeness", "completeness", "pause_ms"]

EAGERNESS = ("low", "medium", "high", "auto")
_LONGEST_MS = {"low": 8000, "medium": 4000, "auto": 4000, "high": 2000}
_NOTE = re.compile(r"\(.*\)|\W*")
"""A voice that understood nothing gives a note in parentheses, or nothing."""
_FINISHED = re.compile(r"[.!?。！？][\"'”»)]*$")
_TRAILS_OFF = re.compile(r"(\.\.\.|…|[,;:–—-])$")


class Completeness(Enum):
    """How finished an utterance is; the value is the share of the longest pause that is waited."""

    FINISHED = 1 / 8
    UNKNOWN = 1 / 4
    UNFINISHED = 1.0


def completeness(text: str) -> Completeness:
    """What the words of an utterance so far say about its end."""
    said = text.strip()
    if _NOTE.fullmatch(said):
        return Completeness.UNKNOWN
    if _FINISHED.search(said) and not _TRAILS_OFF.search(said):
        return Completeness.FINISHED
    return Completeness.UNFINISHED


def pause_ms(eagerness: str, judged: Completeness) -> int:
    """The silence after which the turn ends."""
    return int(_LONGEST_MS[eagerness] * judged.value)
