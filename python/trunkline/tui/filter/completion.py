"""What may come next while a filter is being typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from trunkline.tui.filter.term import Literal
from trunkline.tui.filter.vocabulary import Chosen, Flag, Number, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trunkline.tui.filter.vocabulary import Field, Vocabulary

__all__ = ["Completion", "complete"]

T = TypeVar("T")

# The term at the end of what was typed, if no quote or expression is open in it.
_LAST = re.compile(
    r"""(?:^|(?<=\s))[!-]?(?:(?P<field>[A-Za-z_]\w*)(?:!=|[:=])(?:[^\s"/,]*,)*)?(?P<begun>[^\s"/,]*)$"""
)
_MOST = 50


@dataclass(frozen=True, slots=True)
class Completion:
    """Words that fit, in the order of the vocabulary or as given."""

    start: int
    """Where the word that is completed begins: it is replaced."""
    words: tuple[str, ...] = ()


def complete(
    text: str,
    vocabulary: Vocabulary[T],
    values: Callable[[str], Iterable[str]] = lambda _: (),
) -> Completion:
    """What the end of the text may become; `values` gives those that a text field has now."""
    found = _LAST.search(text)
    if found is None:
        return Completion(len(text))
    name, begun = found["field"], found["begun"]
    if name is None:
        words = [_opened(known) for known in vocabulary.fields] if begun else []
    else:
        words = _values(vocabulary.find(name), values)
    lower = begun.lower()
    fitting = [word for word in words if word.lower().startswith(lower) and word != begun]
    return Completion(found.start("begun"), tuple(fitting[:_MOST]))


def _opened(known: Field[T]) -> str:
    match known:
        case Flag(name):
            return name
        case Number(name):
            return f"{name}>"
        case Text(name) | Chosen(name):
            return f"{name}:"


def _values(known: Field[T] | None, values: Callable[[str], Iterable[str]]) -> list[str]:
    match known:
        case Chosen(choices=choices):
            return [*dict.fromkeys(choices.values()), "any"]
        case Text(name):
            return [str(Literal(value)) for value in values(name) if value]
        case _:
            return []
