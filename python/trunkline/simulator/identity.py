"""Names and chance from one seed, so that a run can be repeated to the letter.

The identifiers have the shape of the recorded ones: a prefix and 21 base-62 characters (16 for
calls).
"""

from __future__ import annotations

__all__ = ["Chance", "Identity"]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(first + second for second in _ALPHABET for first in _ALPHABET)
_PAIR_COUNT = len(_PAIRS)
_MASK = (1 << 64) - 1
_LENGTHS = {"call_": 16}
_DEFAULT_LENGTH = 21


class Chance:
    """Splitmix64 (Steele, Lea and Flood 2014): small, the same on every platform."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def bits(self) -> int:
        """The next 64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
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
        # Two at a time: every event has an id, and this is a third of what an event costs.
        pieces: list[str] = []
        while length > 0:
            bits = self.bits()
            count = min(10, length)
            for _ in range(count // 2):
                bits, pair = divmod(bits, _PAIR_COUNT)
                pieces.append(_PAIRS[pair])
            if count % 2:
                pieces.append(_ALPHABET[bits % len(_ALPHABET)])
            length -= count
        return "".join(pieces)


class Identity:
    """Gives out identifiers; two of the same seed give the same ones in the same order."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    def fresh(self, prefix: str) -> str:
        """A new identifier; `prefix` includes its underscore, as in `item_`."""
        return prefix + self._chance.text(_LENGTHS.get(prefix, _DEFAULT_LENGTH))
