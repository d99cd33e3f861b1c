"""Values of labels, bounded: whatever servers and applications say, there are few of them."""

from __future__ import annotations

import re

from trunkline.text import clean

__all__ = ["LIMITS", "OTHER", "LabelBook"]

OTHER = "other"
"""What comes after the last that there is room for."""

LIMITS = {
    "model": 16,
    "server_address": 16,
    "line": 100,
    "type": 100,
    "code": 40,
    "reason": 40,
    "error_type": 40,
    "name": 8,
}
"""How many values of a label are told apart."""

_DEFAULT = 16
_LONGEST_CHARS = 80
# A type or a code is a word; anything else is somebody's text, which says nothing to a query.
_WORD = re.compile(r"[A-Za-z0-9_.:/-]{0,80}")
_WORDS = frozenset({"type", "code", "error_type", "status", "name"})


class LabelBook:
    """Gives each value its name in metrics: clean, short, and one of a bounded number of its label."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str]] = {}

    def value(self, label: str, raw: str) -> str:
        """The value for a label; the first ones are kept for good, so that series do not change their names."""
        known = self._known.setdefault(label, {})
        found = known.get(raw)
        if found is not None:
            return found
        if len(known) >= LIMITS.get(label, _DEFAULT):
            return OTHER
        if label in _WORDS and not _WORD.fullmatch(raw):
            return OTHER
        known[raw] = named = " ".join(clean(raw, limit_chars=_LONGEST_CHARS).split())
        return named
