"""Entries without what was said: words of people and models are replaced by their length."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.text import Clean

if TYPE_CHECKING:
    from trunkline.telemetry.entry import Entry

__all__ = ["HIDDEN", "without_words"]

HIDDEN = Clean("[hidden]")
"""What stands for a note that told words."""

# Members whose text is said, written or meant by somebody. `delta` is one of them only in messages of words: audio's
# is replaced by its size already.
_WORDS = re.compile(
    r'("(?:transcript|text|instructions|arguments|output|delta)"\s*:\s*)"(?!<base64 )((?:[^"\\]|\\.)*)(?:"|\\?\Z)',
    re.DOTALL,
)
_QUOTED = re.compile(r'["“«].*')


def without_words(entry: Entry) -> Entry:
    """The same entry, its words hidden; the same object if it has none."""
    detail = Clean(_WORDS.sub(_masked, entry.detail))
    note = Clean(_QUOTED.sub(HIDDEN, entry.note))
    if detail == entry.detail and note == entry.note:
        return entry
    return replace(entry, detail=detail, note=note)


def _masked(found: re.Match[str]) -> str:
    return f'{found[1]}"[hidden, {len(found[2])} characters]"'
