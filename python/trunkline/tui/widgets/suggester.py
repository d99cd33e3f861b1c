"""Completes a filter while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual.suggester import Suggester

from trunkline.tui.filter.completion import complete

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trunkline.tui.filter.vocabulary import Vocabulary

__all__ = ["FilterSuggester"]

T = TypeVar("T")


class FilterSuggester(Suggester, Generic[T]):
    """Suggests the first name or value that fits the term at the end."""

    def __init__(
        self, vocabulary: Vocabulary[T], values: Callable[[str], Iterable[str]] = lambda _: ()
    ) -> None:
        # What there is changes with the stream, and a look takes microseconds.
        super().__init__(use_cache=False, case_sensitive=True)
        self._vocabulary = vocabulary
        self._values = values

    async def get_suggestion(self, value: str) -> str | None:
        """The whole line as it would be; None if nothing fits."""
        found = complete(value, self._vocabulary, self._values)
        return value[: found.start] + found.words[0] if found.words else None
