"""Where each sample of speech ended up: in a conversation, nowhere, or in one twice.

Places are counted on the *tape*: the file played as a loop, from the first sample the client was to
say. Only speech counts. Silence that was not sent is no loss, and may be a virtue.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from trunkline.gauntlet.places import Places
    from trunkline.gauntlet.record import Record, Visit
    from trunkline.gauntlet.speech import Speech
    from trunkline.simulator.history import ItemRecord

__all__ = ["Accounts", "settle"]

_RATE_HZ = 24_000
_SAMPLES_PER_MS = 24
_AHEAD_SAMPLES = 8 * _RATE_HZ
"""How much later than a client's first audio the tape may have begun for it: a client that dialed in
vain at first has been saying things for a while when it first gets through."""
_LEAST_SHARE = 0.5
"""Of the audio that must be recognised; else the client changed it, and nothing can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The result, in milliseconds of speech."""

    known_share: float
    """Of the appended audio that was not digital silence: how much is the file's, in [0, 1]."""
    said_ms: float = 0.0
    """Speech of all utterances that began and ended before the last audio that came."""
    lost_ms: float = 0.0
    """Of it: neither in an item of any session nor appended in the one that lasted."""
    doubled_ms: float = 0.0
    """Of it: more than once in the same conversation, as audio twice or as audio and an item."""

    @property
    def is_comparable(self) -> bool:
        """Whether the audio came as the file has it."""
        return self.known_share >= _LEAST_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Consecutive samples of the tape in a session."""

    start: int
    """Session sample."""
    place: int
    """On the tape."""
    count: int

    def clip(self, first: int, last: int) -> tuple[int, int]:
        """The places of its part between two session samples; empty if there is none."""
        low = max(self.start, first)
        high = max(min(self.start + self.count, last), low)
        return self.place + low - self.start, self.place + high - self.start


def settle(record: Record, speech: Speech, places: Places) -> Accounts:
    """The accounts of a trial."""
    visits, share = _placed(record, speech, places)
    ends = [one.place + one.count for _, stretches in visits for one in stretches]
    size = max(ends, default=0)
    if share < _LEAST_SHARE or not size:
        return Accounts(known_share=share)
    spoken = _spoken(speech, size)
    held = np.zeros(size, dtype=bool)
    doubled = np.zeros(size, dtype=bool)
    for index, (visit, stretches) in enumerate(visits):
        appended = _times(stretches, size)
        held |= _in_items(visit, stretches, size)
        if visit is record.final:
            held |= appended > 0
        told = _told_again(visit, visits[:index], size)
        held |= told
        doubled |= (appended > 1) | ((appended > 0) & told)
    return Accounts(
        known_share=share,
        said_ms=_ms(spoken),
        lost_ms=_ms(spoken & ~held),
        doubled_ms=_ms(spoken & doubled),
    )


def _placed(
    record: Record, speech: Speech, places: Places
) -> tuple[list[tuple[Visit, list[_Stretch]]], float]:
    """Each visit's audio on the tape, and the share of all audio that was recognised."""
    clock = _Clock(speech.samples)
    placed = []
    loud = known = 0
    for visit in record.visits:
        pcm = visit.history.audio()
        runs = places.find(pcm)
        loud += int(np.count_nonzero(np.frombuffer(pcm, dtype="<i2")))
        known += sum(run.count for run in runs)
        starts = [append.start for append in visit.history.appends]
        stretches = []
        for run in runs:
            at = visit.history.appends[bisect_right(starts, run.start) - 1].at
            place = clock.unroll(run.place, at)
            stretches.append(_Stretch(start=run.start, place=place, count=run.count))
        placed.append((visit, stretches))
    return placed, min(1.0, known / loud) if loud else 0.0


class _Clock:
    """Tells the rounds of the loop apart: what comes at a time was said before it."""

    def __init__(self, loop: int) -> None:
        self._loop = loop
        self._origin: float | None = None

    def unroll(self, place: int, at: float) -> int:
        """The newest place on the tape that can have been said by then."""
        if self._origin is None:
            self._origin = at - place / _RATE_HZ
        newest = int((at - self._origin) * _RATE_HZ) + _AHEAD_SAMPLES
        return place + max(0, (newest - place) // self._loop) * self._loop


def _spoken(speech: Speech, size: int) -> NDArray[np.bool_]:
    """Where on the tape there is speech, of the utterances that are whole."""
    spoken = np.zeros(size, dtype=bool)
    for start in range(0, size, speech.samples):
        for utterance in speech.utterances:
            if start + utterance.end <= size:
                spoken[start + utterance.start : start + utterance.end] = True
    return spoken


def _times(stretches: Iterable[_Stretch], size: int) -> NDArray[np.int32]:
    """How often each place was appended."""
    steps = np.zeros(size + 1, dtype=np.int32)
    for one in stretches:
        steps[one.place] += 1
        steps[one.place + one.count] -= 1
    times: NDArray[np.int32] = np.cumsum(steps[:size])
    return times


def _in_items(visit: Visit, stretches: Sequence[_Stretch], size: int) -> NDArray[np.bool_]:
    """The places that the session made items of."""
    held = np.zeros(size, dtype=bool)
    for item in visit.history.items_of("committed"):
        held |= _of_item(item, stretches, size)
    return held


def _of_item(item: ItemRecord, stretches: Sequence[_Stretch], size: int) -> NDArray[np.bool_]:
    held = np.zeros(size, dtype=bool)
    if item.samples is not None:
        for one in stretches:
            first, last = one.clip(*item.samples)
            held[first:last] = True
    return held


def _told_again(
    visit: Visit, before: Iterable[tuple[Visit, list[_Stretch]]], size: int
) -> NDArray[np.bool_]:
    """The places whose items of earlier sessions the client told this one, as text or as audio."""
    told = np.zeros(size, dtype=bool)
    created = [item for item in visit.history.items_of("created") if item.role == "user"]
    texts = {item.text for item in created}
    for earlier, stretches in before:
        for item in earlier.history.items_of("committed"):
            if item.text in texts:
                told |= _of_item(item, stretches, size)
    return told


def _ms(places: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(places)) / _SAMPLES_PER_MS
