"""A canvas of dots, eight a cell."""

from __future__ import annotations

__all__ = ["Canvas"]

_BLANK = 0x2800
# The bit of a dot by its column and row in the cell, as Unicode numbers them.
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class Canvas:
    """So many cells; dots count from the upper left, two columns and four rows in each cell."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._cells = [[0] * width for _ in range(height)]

    def dot(self, x: int, y: int) -> None:
        """Set a dot; outside there is nothing to set."""
        if 0 <= x < self.width * 2 and 0 <= y < self.height * 4:
            self._cells[y // 4][x // 2] |= _BITS[x % 2][y % 4]

    def line(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Set the dots from one to another, both ends included (Bresenham)."""
        dx, dy = abs(x1 - x0), -abs(y1 - y0)
        step_x, step_y = (1 if x0 < x1 else -1), (1 if y0 < y1 else -1)
        error = dx + dy
        while True:
            self.dot(x0, y0)
            if (x0, y0) == (x1, y1):
                return
            twice = 2 * error
            if twice >= dy:
                error += dy
                x0 += step_x
            if twice <= dx:
                error += dx
                y0 += step_y

    def row(self, y: int) -> str:
        """The cells of a row; a blank where no dot is."""
        return "".join(chr(_BLANK | bits) if bits else " " for bits in self._cells[y])
