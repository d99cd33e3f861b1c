"""How loud the user speaks: of what the microphone gives, only what is speech.

Problem: the plain level of a second in which the user is said to speak is silence as often as not. A server that
detects speech tells its end half a second late, tells its beginning when a short word is over already, and people
pause. So three things decide what of a second is judged: where the server detects speech it must say that the user
speaks; what is far below the loudest of the last half minute is a pause, by the margin that ITU-T P.56 takes to tell
speech from its pauses; and silence is none, whoever says so. Where nobody detects speech (turns that are committed by
hand), speech is what stands out from the quietest of the last half minute; what is loud without that is judged, too,
since nobody's silence is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.telemetry.meter import SILENT_DBFS, level_dbfs, square_of

__all__ = ["LEAST_SPEECH_S", "Voice"]

LEAST_SPEECH_S = 0.5
"""A second that is speech for less says little about how loud somebody speaks."""

# ITU-T P.56: what is lower than the level of the active speech by more is a pause.
_PAUSE = 10 ** (-15.9 / 10)
# Our choice: speech in a room that can be worked in stands out by so much.
_RISE = 10 ** (12 / 10)
# Where an input begins to be low (`levels`): what is louder is never that, and no room's noise.
_LOUD_SQUARE = square_of(-35.0)
_SILENT_SQUARE = square_of(SILENT_DBFS)
_SLOT_SECONDS = 10
_SLOTS = 3


@dataclass(slots=True)
class Voice:
    """Folds the levels of the user's audio, one for each beat."""

    detected: bool = True
    """Whether the server tells when the user speaks."""
    energy: float = 0.0
    """Of the speech in the second that lasts: mean square times samples."""
    samples: float = 0.0
    passed_energy: float = 0.0
    """The same of the second before: what an alert judges."""
    passed_samples: float = 0.0
    ranges: list[tuple[int, float, float]] = field(default_factory=list)
    """Tens of seconds, and the least and the greatest mean square in them."""

    def add(self, at: float, energy: float, samples: float, *, speaking: bool) -> None:
        """What a beat measured, and whether the server says that the user speaks; `samples` is not 0."""
        square = energy / samples
        quietest, loudest = self._range(int(at), square)
        stands_out = self.detected or square > _LOUD_SQUARE or square >= quietest * _RISE
        if (
            (speaking or not self.detected)
            and square > _SILENT_SQUARE
            and square >= loudest * _PAUSE
            and stands_out
        ):
            self.energy += energy
            self.samples += samples

    def end_second(self) -> None:
        """The second that lasts is whole."""
        self.passed_energy, self.passed_samples = self.energy, self.samples
        self.energy = self.samples = 0.0

    def forget(self) -> None:
        """The microphone was switched: what was quiet and loud before says nothing of it."""
        self.ranges.clear()

    def dbfs(self, rate_hz: int) -> float | None:
        """How loud the speech of the second before was; None if there was too little of it."""
        if self.passed_samples < LEAST_SPEECH_S * rate_hz:
            return None
        return round(level_dbfs(self.passed_energy / self.passed_samples), 1)

    def _range(self, second: int, square: float) -> tuple[float, float]:
        """The quietest and the loudest of the last half minute, with this."""
        slot, ranges = second // _SLOT_SECONDS, self.ranges
        # A gate or a codec that gives pure silence must not make a whisper of the room stand out.
        least = max(square, _SILENT_SQUARE)
        if ranges and ranges[-1][0] == slot:
            _, low, high = ranges.pop()
            ranges.append((slot, min(low, least), max(high, square)))
        else:
            ranges.append((slot, least, square))
            while ranges[0][0] <= slot - _SLOTS:
                del ranges[0]
        return min(low for _, low, _ in ranges), max(high for _, _, high in ranges)
