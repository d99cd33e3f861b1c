"""Which row is looked at, and which rows are in sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.telemetry.entry import Entry
    from trunkline.tui.inspector.stream import Stream

__all__ = ["Cursor", "Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """The rows in sight."""

    rows: tuple[Entry, ...] = ()
    before: Entry | None = None
    """The row above the first of them: what its time is told from."""
    cursor: int | None = None
    """Index in `rows`; None if there is none."""
    below: int = 0
    """How many rows are below."""


class Cursor:
    """Stays on its row, by number, while rows come and go; one that follows stays on the newest."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.follows = True
        self._number = 0
        self._top = 0

    @property
    def index(self) -> int | None:
        """Of the row that is looked at; None if there are no rows."""
        rows = self._stream.rows
        if not rows:
            return None
        return len(rows) - 1 if self.follows else max(self._stream.index_of(self._number), 0)

    @property
    def entry(self) -> Entry | None:
        """The row that is looked at."""
        index = self.index
        return None if index is None else self._stream.rows[index]

    def go(self, index: int) -> None:
        """Look at this row, or at the nearest there is; at the last one is not following yet."""
        rows = self._stream.rows
        self.follows = False
        if rows:
            self._number = rows[min(max(index, 0), len(rows) - 1)].number

    def move(self, rows: int) -> None:
        """Go down by so many rows, or up; going down from the last one follows."""
        index = self.index
        if index is None:
            return
        last = len(self._stream.rows) - 1
        if rows > 0 and index + rows > last:
            self.follow()
        else:
            self.go(index + rows)

    def follow(self) -> None:
        """Stay on the newest row from now on."""
        self.follows = True

    def hold(self) -> None:
        """Stay on the row of now."""
        index = self.index
        self.follows = False
        if index is not None:
            self._number = self._stream.rows[index].number

    def find(self, step: int, wanted: Callable[[Entry], bool]) -> bool:
        """Go to the next row that is wanted, or to the one before if `step` is -1; whether there is one."""
        rows, index = self._stream.rows, self.index
        if index is None:
            return False
        ahead = range(index + 1, len(rows)) if step > 0 else range(index - 1, -1, -1)
        found = next((n for n in ahead if wanted(rows[n])), None)
        if found is not None:
            self.go(found)
        return found is not None

    def window(self, height: int) -> Window:
        """The rows in sight, moved no further than needed to have the cursor among them."""
        rows, index = self._stream.rows, self.index
        if index is None or height < 1:
            return Window()
        top = max(self._stream.index_of(self._top), 0)
        top = min(max(top, index - height + 1), index, max(len(rows) - height, 0))
        self._top = rows[top].number
        return Window(
            tuple(rows[top : top + height]),
            rows[top - 1] if top else None,
            index - top,
            max(len(rows) - top - height, 0),
        )
