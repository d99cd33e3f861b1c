"""Desks that hold what a test puts on them."""

from __future__ import annotations


class StillDesk:
    """The same snapshots for ever."""

    playback = None

    def __init__(self, fleet=None, line=None, entries=(), finished=None):
        self._fleet, self._line, self._entries, self._finished = fleet, line, entries, finished
        self.watched, self.windows, self.marks = [], [], []

    def fleet(self):
        return self._fleet

    def watch(self, key):
        self.watched.append(key)

    def line(self):
        return self._line if self.watched and self.watched[-1] is not None else None

    def entries(self):
        return self._entries

    def turns_heard(self, key):
        return ()

    def sound(self, key, turn):
        return None

    def window(self, seconds):
        self.windows.append(seconds)

    def mark(self, key, note):
        self.marks.append((key, note))

    def finished(self):
        return self._finished


class MovingDesk(StillDesk):
    """Another fleet snapshot at each look; the last one stays."""

    def __init__(self, *fleets):
        super().__init__()
        self._fleets = list(fleets)

    def fleet(self):
        return self._fleets.pop(0) if len(self._fleets) > 1 else self._fleets[0]


class Playing:
    """A recording of ten seconds that goes to wherever it is sought, at the next look."""

    begins_at, ends_at, speed = 0.0, 10.0, 1.0

    def __init__(self):
        self.position, self.sought = 0.0, []

    def play(self, speed):
        self.speed = speed

    def seek(self, position):
        self.sought.append(position)
        self.position = position
