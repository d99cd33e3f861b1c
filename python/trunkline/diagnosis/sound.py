"""The check of sound: whether PortAudio is there, and what it finds."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from trunkline.devices import portaudio
from trunkline.devices.listing import Direction
from trunkline.diagnosis.finding import not_applicable, ok, warned
from trunkline.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.devices.listing import Device
    from trunkline.diagnosis.finding import Finding
    from trunkline.diagnosis.subject import Subject

__all__ = ["check_sound"]

_FILES = "talk and translate take files and --input demo all the same"


async def check_sound(_subject: Subject) -> Finding:
    """Which microphones and loudspeakers there are; a server has none, and needs none."""
    if find_spec("sounddevice") is None:
        return not_applicable(
            "the extra 'devices' is not installed",
            "for a microphone and a loudspeaker: pip install 'trunkline[devices]'",
        )
    try:
        found = await portaudio.errand(portaudio.devices)
    except MediaError as error:
        return warned(error.reason, _FILES)
    return judge_devices(found)


def judge_devices(found: Sequence[Device]) -> Finding:
    """What the devices that were found say."""
    inputs = [each for each in found if each.inputs]
    outputs = [each for each in found if each.outputs]
    fact = f"PortAudio, {_count(inputs, 'microphone')}, {_count(outputs, 'loudspeaker')}"
    facts = {
        "inputs": len(inputs),
        "outputs": len(outputs),
        "default_input": _default(inputs, Direction.INPUT),
        "default_output": _default(outputs, Direction.OUTPUT),
    }
    if not inputs or not outputs:
        advice = f"is a device plugged in, a sound server running? {_FILES}"
        return warned(fact, advice, **facts)
    return ok(f"{fact}; `trunkline devices` lists them", **facts)


def _count(devices: list[Device], noun: str) -> str:
    if not devices:
        return f"no {noun}"
    return f"1 {noun}" if len(devices) == 1 else f"{len(devices)} {noun}s"


def _default(devices: list[Device], direction: Direction) -> str | None:
    return next((each.full_name for each in devices if each.is_default(direction)), None)
