"""What is wrong with a filter, and where."""

from __future__ import annotations

from trunkline.errors import TrunklineError
from trunkline.text import clean

__all__ = ["FilterError"]


class FilterError(TrunklineError, ValueError):
    """A filter that cannot be understood; the only thing that parsing one raises."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message, column)
        self.message = clean(message, limit_chars=300)
        self.column = column
        """Of the first character that is to blame, from 1."""

    def __str__(self) -> str:
        """One line for a person."""
        return f"column {self.column}: {self.message}"
