"""Names and chance from one seed, so that a run can be repeated to the letter.

The identifiers have the shape of the recorded ones: a prefix and 21 base-62 characters (16 for
calls).
"""

from __future__ import annotations

__all__ = ["Chance", "Identity"]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIR_COUNT = len(_ALPHABET) ** 2
_PAIRS = tuple(low + high for high in _ALPHABET for low in _ALPHABET)
_STEP = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
_LENGTHS = {"call_": 16}
_DEFAULT_LENGTH = 21
_EVENT_HEAD = 10


class Chance:
    """Splitmix64 (Steele, Lea and Flood 2014): small, the same on every platform."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def bits(self) -> int:
        """The next 64 bits."""
        self._state = (self._state + _STEP) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def draw(self) -> float:
        """A number in [0, 1)."""
        return (self.bits() >> 11) / (1 << 53)

    def text(self, length: int) -> str:
        """That many base-62 characters."""
        # 64 bits make ten characters: 62**10 < 2**60, so the bias is below one part in a million.
        # Two characters are taken at once, since every event has 21 of them.
        pairs: list[str] = []
        state = self._state
        while len(pairs) * 2 < length:
            # As `bits`, in place: every event passes here.
            state = (state + _STEP) & _MASK
            mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
            mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
            bits = mixed ^ (mixed >> 31)
            for _ in range(min(5, (length + 1) // 2 - len(pairs))):
                # Dividing once and not twice is half of the price of a name.
                bits, pair = divmod(bits, _PAIR_COUNT)
                pairs.append(_PAIRS[pair])
        self._state = state
        return "".join(pairs)[:length]


class Identity:
    """Gives out identifiers; two of the same seed give the same ones in the same order."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._event_tail = ""

    def fresh(self, prefix: str) -> str:
        """A new identifier; `prefix` includes its underscore, as in `item_`."""
        if prefix == "event_":
            return self._event()
        return prefix + self._chance.text(_LENGTHS.get(prefix, _DEFAULT_LENGTH))

    def _event(self) -> str:
        """An event's id: every event has one, so only as much of it is drawn as makes it unique."""
        if not self._event_tail:
            self._event_tail = self._chance.text(_DEFAULT_LENGTH - _EVENT_HEAD)
        return f"event_{self._chance.text(_EVENT_HEAD)}{self._event_tail}"
