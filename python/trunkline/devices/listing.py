"""The sound devices of a machine, and which of them a person means.

A device is named by its name and its host API, never by a number: the numbers change with every plug. A person gives a
part of the name, which is enough while it fits one device.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from trunkline.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Device", "Direction", "choose"]

_CARD_NUMBER = re.compile(r" \(hw:\d+,\d+\)$")


class Direction(Enum):
    """Which way sound goes; the value is what a `Notice` calls such a device."""

    INPUT = "microphone"
    OUTPUT = "speaker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device as PortAudio lists it; good until the list is made anew."""

    index: int
    """Its place in this list."""
    name: str
    host_api: str
    """The system's way to it: ALSA, Core Audio, Windows WASAPI. The same device may be there by several."""
    inputs: int
    """Channels; 0 if it cannot record."""
    outputs: int
    """Channels; 0 if it cannot play."""
    rate_hz: int
    """What it likes best."""
    is_default_input: bool = False
    is_default_output: bool = False

    @property
    def full_name(self) -> str:
        """With the host API, since one name may be there by several."""
        return f"{self.name}, {self.host_api}"

    @property
    def lasting_name(self) -> str:
        """By which it is found again when it is plugged in again: ALSA's names hold a number that may change then."""
        return _CARD_NUMBER.sub("", self.name) if _CARD_NUMBER.search(self.name) else self.full_name

    def channels(self, direction: Direction) -> int:
        """How many it has that way."""
        return self.inputs if direction is Direction.INPUT else self.outputs

    def is_default(self, direction: Direction) -> bool:
        """Whether it is taken where none is named."""
        return self.is_default_input if direction is Direction.INPUT else self.is_default_output


def choose(devices: Sequence[Device], wanted: str | None, direction: Direction) -> Device:
    """The device that is meant; without a name the default, or the first if there is no default.

    `wanted` is the name, the name with the host API ("USB Headset, ALSA"), or a part of either, in any case; a whole
    name goes before a part. One name by several host APIs is the default's. Raises MediaError if none fits, or several.
    """
    able = [each for each in devices if each.channels(direction)]
    if not able:
        raise MediaError(wanted or direction.value, f"this machine has no {direction.value}")
    if wanted is None:
        return next((each for each in able if each.is_default(direction)), able[0])
    found = _matching(able, wanted)
    if len({each.name for each in found}) == 1:
        return _by_the_usual_way(found, able, wanted, direction)
    there = "; ".join(each.full_name for each in found or able)
    if found:
        raise MediaError(
            wanted, f"several devices have that in their names, say more of it: {there}"
        )
    raise MediaError(wanted, f"no {direction.value} has that in its name; there are: {there}")


def _matching(able: list[Device], wanted: str) -> list[Device]:
    sought = wanted.strip().casefold()
    whole = [each for each in able if sought in (each.name.casefold(), each.full_name.casefold())]
    return whole or [each for each in able if sought in each.full_name.casefold()]


def _by_the_usual_way(
    found: list[Device], able: list[Device], wanted: str, direction: Direction
) -> Device:
    """Of one name the only device, or the one with the host API of the default."""
    if len(found) == 1:
        return found[0]
    usual = next((each.host_api for each in able if each.is_default(direction)), None)
    same = [each for each in found if each.host_api == usual]
    if len(same) == 1:
        return same[0]
    there = "; ".join(each.full_name for each in found)
    raise MediaError(wanted, f"several devices have that name, add the host API: {there}")
