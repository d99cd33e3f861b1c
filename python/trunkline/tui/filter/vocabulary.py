"""What a filter can ask of a thing: its fields by name, each with its kind and how it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trunkline.tui.filter.quantity import Scale

__all__ = ["Chosen", "Field", "Flag", "Number", "Text", "Vocabulary"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Text(Generic[T]):
    """A text, or several of which one must fit."""

    name: str
    about: str
    read: Callable[[T], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chosen(Generic[T]):
    """One of a few words."""

    name: str
    about: str
    read: Callable[[T], str]
    choices: Mapping[str, str]
    """What may be written, and which word it stands for."""


@dataclass(frozen=True, slots=True)
class Number(Generic[T]):
    """A number, or None where it is not known."""

    name: str
    about: str
    read: Callable[[T], float | None]
    scale: Scale


@dataclass(frozen=True, slots=True)
class Flag(Generic[T]):
    """Yes or no; its name alone is a term."""

    name: str
    about: str
    read: Callable[[T], bool]


Field: TypeAlias = Text[T] | Chosen[T] | Number[T] | Flag[T]


@dataclass(frozen=True, eq=False)
class Vocabulary(Generic[T]):
    """All fields of a thing, and its names, which a bare word is looked for in."""

    fields: tuple[Field[T], ...]
    names: Callable[[T], Sequence[str]]
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other words for fields."""

    def find(self, name: str) -> Field[T] | None:
        """The field of that name or alias."""
        name = name.lower()
        name = self.aliases.get(name, name)
        return next((known for known in self.fields if known.name == name), None)

    def flag(self, name: str) -> Flag[T] | None:
        """The flag of that name."""
        found = self.find(name)
        return found if isinstance(found, Flag) else None

    def near(self, name: str) -> str:
        """What somebody may have meant, and everything there is, in words."""
        known = [known.name for known in self.fields if not isinstance(known, Flag)]
        close = get_close_matches(name.lower(), [*known, *self.aliases], n=1)
        meant = f"did you mean {close[0]}? " if close else ""
        return f"{meant}known are {', '.join(known)}"
