"""The regular expressions of a filter: what can be matched in one pass, and nothing else.

A filter runs over ten thousand entries while calls go on in the same process, so no expression may take longer than a
look at each character. Python's `re` backtracks: six characters are enough to hang it. What is understood here is the
usual syntax without back references and look-around, which are what one pass cannot do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from trunkline.tui.filter.refusal import FilterError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ANYTHING",
    "LONGEST_EXPRESSION",
    "Anchor",
    "Characters",
    "Choice",
    "Node",
    "Repeat",
    "Sequence",
    "literal",
    "parse_expression",
]

LONGEST_EXPRESSION = 200
"""In characters."""

# Deeper ones are not written by people; the parser is recursive.
_DEEPEST = 20
_LARGEST_COUNT = 100
_COUNT = re.compile(r"\{(\d{1,3})(?:(,)(\d{0,3}))?\}")
_CLASSES: dict[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "s": str.isspace,
    "w": lambda character: character.isalnum() or character == "_",
}
_CONTROLS = {"t": "\t", "n": "\n"}
_KNOWN = r"known are . [] () | * + ? {} ^ $ \d \w \s"


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set."""

    ranges: tuple[tuple[str, str], ...] = ()
    classes: str = ""
    """`d`, `s`, `w`, or their capitals for all others."""
    negated: bool = False

    def match(self, character: str) -> bool:
        """Whether a character, in lower case, is in the set in either case."""
        either = (character, character.upper())
        hit = any(low <= one <= high for low, high in self.ranges for one in either) or any(
            _CLASSES[name.lower()](character) != name.isupper() for name in self.classes
        )
        return hit != self.negated


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same several times."""

    part: Node
    least: int
    most: int | None
    """None for no limit."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The start of the text, or its end."""

    end: bool


Node: TypeAlias = Characters | Sequence | Choice | Repeat | Anchor

ANYTHING = Characters(ranges=(("\n", "\n"),), negated=True)
"""Any character of a line."""


def literal(text: str) -> Sequence:
    """The text itself, in either case."""
    return Sequence(tuple(Characters(((sign, sign),)) for sign in text.lower()))


def parse_expression(source: str, column: int = 1) -> Node:
    """The expression as a tree; `column` is where it begins, for `FilterError`."""
    if len(source) > LONGEST_EXPRESSION:
        raise FilterError(f"an expression may have {LONGEST_EXPRESSION} characters", column)
    parser = _Parser(source, column)
    node = parser.choice(0)
    if parser.at < len(source):
        parser.refuse("a ) without its (")
    return node


class _Parser:
    """Reads from left to right; `at` is the next character."""

    def __init__(self, source: str, column: int) -> None:
        self._source = source
        self._column = column
        self.at = 0

    def refuse(self, message: str, at: int | None = None) -> NoReturn:
        raise FilterError(message, self._column + (self.at if at is None else at))

    def choice(self, depth: int) -> Node:
        if depth > _DEEPEST:
            self.refuse(f"groups may be {_DEEPEST} deep")
        branches = [self._sequence(depth)]
        while self._take("|"):
            branches.append(self._sequence(depth))
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.at < len(self._source) and self._source[self.at] not in "|)":
            parts.append(self._repeated(depth))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self, depth: int) -> Node:
        began = self.at
        part = self._atom(depth)
        counts = self._counts()
        if counts is None:
            return part
        if self._source[began] in "^$":
            self.refuse("an anchor cannot be repeated", began)
        self._take("?")  # As few as possible or as many: whether it matches is the same.
        again = self.at
        if self._counts() is not None:
            self.refuse("repeated twice: put the first in ( )", again)
        return Repeat(part, *counts)

    def _counts(self) -> tuple[int, int | None] | None:
        sign = self._source[self.at : self.at + 1]
        if sign in ("*", "+", "?"):
            self.at += 1
            return (1 if sign == "+" else 0), (1 if sign == "?" else None)
        found = _COUNT.match(self._source, self.at)
        if found is None:
            return None
        least, comma, most = found.groups()
        low = int(least)
        high = low if comma is None else int(most) if most else None
        if max(low, high or 0) > _LARGEST_COUNT or (high is not None and high < low):
            self.refuse(f"a count is from 0 to {_LARGEST_COUNT}, the smaller one first")
        self.at = found.end()
        return low, high

    def _atom(self, depth: int) -> Node:
        began = self.at
        sign = self._next()
        if sign == "(":
            return self._group(depth, began)
        if sign == "[":
            return self._set(began)
        if sign == ".":
            return ANYTHING
        if sign in "^$":
            return Anchor(end=sign == "$")
        if sign in "*+?":
            self.refuse("nothing before it to repeat", began)
        return self._escaped() if sign == "\\" else literal(sign)

    def _group(self, depth: int, began: int) -> Node:
        if self._take("?") and not self._take(":"):
            self.refuse(f"only (?: is known of the groups with ?; {_KNOWN}")
        node = self.choice(depth + 1)
        if not self._take(")"):
            self.refuse("a ( without its )", began)
        return node

    def _escaped(self) -> Node:
        sign = self._escape()
        if sign.isalpha() and sign not in _CONTROLS:
            return Characters(classes=sign)
        return literal(_CONTROLS.get(sign, sign))

    def _escape(self) -> str:
        """The character after a backslash, which was taken."""
        began = self.at - 1
        if self.at >= len(self._source):
            self.refuse("a backslash at the end", began)
        sign = self._next()
        if sign.isalnum() and sign.lower() not in _CLASSES and sign not in _CONTROLS:
            self.refuse(f"\\{sign} is not known; {_KNOWN}", began)
        return sign

    def _set(self, began: int) -> Characters:
        negated = self._take("^")
        ranges: list[tuple[str, str]] = []
        classes = ""
        first = True
        while first or not self._take("]"):
            first = False
            low, is_class = self._member(began)
            if is_class:
                classes += low
            else:
                ranges.append((low, self._upper_end(low, began)))
        return Characters(tuple(ranges), classes, negated)

    def _upper_end(self, low: str, began: int) -> str:
        at = self.at
        if self._source[at : at + 1] != "-" or self._source[at + 1 : at + 2] in ("]", ""):
            return low
        self.at += 1
        high, is_class = self._member(began)
        if is_class or high < low:
            self.refuse("a range goes from the smaller character to the larger one", at)
        return high

    def _member(self, began: int) -> tuple[str, bool]:
        if self.at >= len(self._source):
            self.refuse("a [ without its ]", began)
        sign = self._next()
        if sign != "\\":
            return sign, False
        sign = self._escape()
        return _CONTROLS.get(sign, sign), sign.isalpha() and sign not in _CONTROLS

    def _next(self) -> str:
        self.at += 1
        return self._source[self.at - 1]

    def _take(self, sign: str) -> bool:
        if self._source[self.at : self.at + 1] == sign:
            self.at += 1
            return True
        return False
