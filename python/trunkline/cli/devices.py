"""`trunkline devices`: which microphones and loudspeakers there are, and whether they work."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import click

from trunkline.text import clean

if TYPE_CHECKING:
    from trunkline.devices.base import Notice
    from trunkline.devices.listing import Device, Direction

__all__ = ["devices"]

_TONE_HZ = 440
_TONE_SECONDS = 1.0
# A quarter of full scale: heard on any loudspeaker, and no shock on headphones.
_TONE_PEAK = 8_192
# So much of a sine's beginning and end is faded: a step would be a click.
_FADE_SAMPLES = 480
_LISTEN_SECONDS = 2.0
_BAR_CELLS = 30
_NOTHING = "there are no sound devices; is a sound server running, a device plugged in?"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--test", "is_test", is_flag=True, help="Play a tone, then show the microphone's level for 2 s."
)
@click.option("--mic", metavar="NAME", help="Test this microphone: its name or a part of it.")
@click.option("--speaker", metavar="NAME", help="Test this loudspeaker.")
def devices(*, as_json: bool, is_test: bool, mic: str | None, speaker: str | None) -> None:
    """List microphones and loudspeakers, or try one of each.

    A device is chosen by its name or a part of it, with the host API behind a comma where several have it. * marks what
    is taken where none is named. Exit code 8 if there is no device, no PortAudio, or one cannot be used.
    """
    if (mic is not None or speaker is not None) and not is_test:
        raise click.UsageError("--mic and --speaker choose what --test tries")
    if as_json and is_test:
        raise click.UsageError("--json and --test exclude each other")
    if is_test:
        asyncio.run(_try(mic, speaker))
        return
    from trunkline.devices import portaudio
    from trunkline.errors import MediaError

    found = portaudio.devices()
    if not found:
        raise MediaError("sound", _NOTHING)
    if as_json:
        click.echo(json.dumps({"devices": [_document(each) for each in found]}, indent=2))
    else:
        click.echo(_table(found))


def _document(device: Device) -> dict[str, Any]:
    from trunkline.devices.listing import Direction

    return {
        "name": clean(device.name),
        "host_api": clean(device.host_api),
        "input_channels": device.inputs,
        "output_channels": device.outputs,
        "default_rate_hz": device.rate_hz,
        "is_default_input": device.is_default_input,
        "is_default_output": device.is_default_output,
        "input_takes_24k": _takes(device, Direction.INPUT),
        "output_takes_24k": _takes(device, Direction.OUTPUT),
    }


def _takes(device: Device, direction: Direction) -> bool | None:
    """Whether it takes the line's own rate; None if it does not go that way."""
    from trunkline.devices import portaudio
    from trunkline.devices.base import RATE_HZ

    if not device.channels(direction):
        return None
    return portaudio.takes(device, direction, RATE_HZ)


def _table(found: list[Device]) -> str:
    from trunkline.devices.listing import Direction

    parts = []
    for direction, title in ((Direction.INPUT, "microphones"), (Direction.OUTPUT, "loudspeakers")):
        rows = [_row(each, direction) for each in found if each.channels(direction)]
        parts += [f"{title}:", *(rows or ["  none"])]
    return "\n".join(parts)


def _row(device: Device, direction: Direction) -> str:
    mark = "*" if device.is_default(direction) else " "
    takes = "24 kHz" if _takes(device, direction) else "not 24 kHz"
    channels = f"{device.channels(direction)} ch"
    return f"{mark} {clean(device.full_name):<44} {channels:>6} {device.rate_hz:>6} Hz  {takes}"


async def _try(mic: str | None, speaker: str | None) -> None:
    from trunkline.devices.loudspeaker import Loudspeaker
    from trunkline.devices.microphone import Microphone

    async with Loudspeaker(speaker, tell=_told) as sink:
        click.echo(f"a tone on {clean(sink.name)}")
        sink.start(_Tone())
        await asyncio.sleep(_TONE_SECONDS)
    async with Microphone(mic, tell=_told) as source:
        click.echo(f"say something into {clean(source.name)}")
        await _listen(source)


def _told(notice: Notice) -> None:
    from trunkline.devices.base import Change

    if notice.change is not Change.OPENED:
        detail = f": {notice.detail}" if notice.detail else ""
        click.echo(clean(f"{notice.device} {notice.name}: {notice.change.value}{detail}"), err=True)


class _Tone:
    """A sine that begins and ends softly; a `Fill`."""

    def __init__(self) -> None:
        import numpy as np

        from trunkline.devices.base import RATE_HZ

        times = np.arange(round((_TONE_SECONDS - 0.1) * RATE_HZ)) / RATE_HZ
        sine = _TONE_PEAK * np.sin(2 * np.pi * _TONE_HZ * times)
        fade = np.linspace(0, 1, _FADE_SAMPLES)
        sine[:_FADE_SAMPLES] *= fade
        sine[-_FADE_SAMPLES:] *= fade[::-1]
        self._pcm = sine.astype("<i2").tobytes()

    def __call__(self, count_samples: int, heard_at: float) -> bytes:  # noqa: ARG002 - a Fill
        size = count_samples * 2
        pcm, self._pcm = self._pcm[:size], self._pcm[size:]
        return pcm.ljust(size, b"\0")


async def _listen(source: Any) -> None:
    """Shows the level five times a second, and says at the end what it was at most."""
    from trunkline.audio.level import FLOOR_DBFS, Meter

    meter, loudest, lost_ms = Meter(), FLOOR_DBFS, 0.0
    async with asyncio.timeout(_LISTEN_SECONDS * 2):
        for number in range(1, round(_LISTEN_SECONDS * 50) + 1):
            block = await anext(source)
            meter.take(block.pcm)
            lost_ms += block.lost_ms
            if number % 10 == 0:
                level = meter.level().rms_dbfs
                loudest = max(loudest, level)
                _draw(level, FLOOR_DBFS)
    click.echo(f"at most {loudest:.0f} dBFS{f', {lost_ms:.0f} ms lost' if lost_ms else ''}")
    if loudest <= FLOOR_DBFS:
        click.echo("it gives nothing but silence: is it muted?")


def _draw(level: float, floor: float) -> None:
    import sys

    if sys.stdout.isatty():
        filled = round(_BAR_CELLS * (level - floor) / -floor)
        click.echo(f"\r  {'#' * filled:<{_BAR_CELLS}} {level:6.1f} dBFS\r", nl=False)
