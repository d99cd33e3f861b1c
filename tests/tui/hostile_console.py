"""The console over a desk on which every string from outside is hostile; run in a terminal by the tests.

The desk turns a page each time the fleet is looked at often enough, so that each string of the corpus comes to stand in
each place that shows one.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from telemetry.filling import filled_entries, filled_fleet, filled_line, filled_row
from trunkline.text import Clean, clean
from trunkline.tui.app import run_console
from trunkline.tui.controls import ReadOnly
from tui.hostile import CORPUS

ROWS = 16
# Ticks of the console's clock, ten a second, for which one page stands still: a little more than rows are drawn.
TICKS = 6


def turned(texts, by):
    return (*texts[by:], *texts[:by])


class HostileDesk:
    """Snapshots whose strings are the corpus, turned a little further on each page."""

    playback = None

    def __init__(self, texts):
        self._texts, self._looks, self._page = texts, 0, -1
        self._turn_page(0)

    def _turn_page(self, page):
        texts = turned(self._texts, page * ROWS % len(self._texts))
        rows = tuple(
            filled_row(
                turned(texts, row), key=f"line-{row}", name=clean(texts[row]), state=clean("live")
            )
            for row in range(ROWS)
        )
        self._page = page
        self._fleet = filled_fleet(texts, rows=rows, length=ROWS, at=1_700_000_000.0 + page)
        self._line = filled_line(
            texts,
            length=ROWS,
            key="line-0",
            name=clean(texts[0]),
            settings=Clean("\n".join(clean(text) for text in texts[:20])),
        )
        self._line = replace(self._line, at=1100.0 + page)
        self._entries = filled_entries(texts)

    def fleet(self):
        self._looks += 1
        page = self._looks // TICKS
        if page != self._page:
            self._turn_page(page)
        return self._fleet

    def watch(self, key):
        """One line is like the other."""

    def line(self):
        return self._line

    def entries(self):
        return self._entries

    def turns_heard(self, key):
        return ()

    def sound(self, key, turn):
        return None

    def window(self, seconds):
        """The same over any time."""

    def mark(self, key, note):
        """Nothing is kept."""

    def finished(self):
        return clean(self._texts[self._page % len(self._texts)])


class HostileControls(ReadOnly):
    """Answers, and faults, that are hostile: one answer every other second, as many as an operator could wish for."""

    read_only = False

    def __init__(self, texts):
        self._texts, self._looks = texts, 0

    def faults(self, key):
        return tuple(clean(text) for text in self._texts[:20])

    def answer(self):
        self._looks += 1
        return clean(self._texts[self._looks % len(self._texts)]) if self._looks % 20 == 0 else None


def main(arguments):
    tame = "--tame" in arguments
    texts = tuple(f"h{number:03}tame" for number in range(len(CORPUS))) if tame else CORPUS
    run_console(
        HostileDesk(texts),
        HostileControls(texts),
        title=texts[0],
        ascii_only="--ascii" in arguments,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
