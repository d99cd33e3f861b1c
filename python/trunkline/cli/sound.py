"""What a live conversation listens to and speaks through, by the words of its options."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from trunkline.devices.base import Change, Notice
from trunkline.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from trunkline.devices.base import Fill, Sink, Source, Tell
    from trunkline.devices.echo import Echo

__all__ = ["AnySink", "echo_of", "sink_of", "source_of"]

_FILE = "wav:"


def source_of(wanted: str | None, *, is_answered: Callable[[], bool]) -> Callable[[Tell], Source]:
    """What makes the source; a file and the recorded caller wait for their answers, which `is_answered` tells of.

    Raises MediaError for a file of no use.
    """
    if wanted == "demo":
        from trunkline.cli.recordings import recorded_turns

        return _caller("recorded caller", [turn.pcm for turn in recorded_turns()], is_answered)
    if wanted is not None and wanted.startswith(_FILE):
        from trunkline.devices.base import RATE_HZ
        from trunkline.devices.wavfile import read_wav

        path = wanted.removeprefix(_FILE)
        return _caller(path, [read_wav(path, rate_hz=RATE_HZ)], is_answered)
    return _device_source(wanted)


def _caller(
    name: str, turns: Iterable[bytes], is_answered: Callable[[], bool]
) -> Callable[[Tell], Source]:
    from trunkline.cli.caller import caller_blocks
    from trunkline.devices.paced import PacedSource

    return lambda _tell: PacedSource(name, lambda: caller_blocks(turns, is_answered))


def _device_source(wanted: str | None) -> Callable[[Tell], Source]:
    if wanted == "none":
        from trunkline.devices.silence import silent_source

        return lambda _tell: silent_source()
    if wanted == "tone":
        from trunkline.devices.tone import tone_source

        return lambda _tell: tone_source()
    from trunkline.devices.microphone import Microphone

    return lambda tell: Microphone(wanted, tell=tell)


def sink_of(wanted: str | None, *, is_needed: bool = True) -> Callable[[Tell], Sink]:
    """What makes the sink; where none `is_needed` and no loudspeaker is found, nobody hears and that is told."""
    if wanted == "none":
        from trunkline.devices.silence import silent_sink

        return lambda _tell: silent_sink()
    if wanted is not None and wanted.startswith(_FILE):
        from trunkline.devices.files import WavSink

        path = wanted.removeprefix(_FILE)
        return lambda tell: WavSink(path, tell=tell)
    from trunkline.devices.loudspeaker import Loudspeaker

    if wanted is None and not is_needed:
        return lambda tell: AnySink(Loudspeaker(None, tell=tell), tell)
    return lambda tell: Loudspeaker(wanted, tell=tell)


def echo_of(wanted: str) -> Callable[[], Echo]:
    """What makes the echo handler: `gate`, `cancel` or `none`."""
    from trunkline.devices.echo import EchoCanceller, HalfDuplex, NoEcho

    makers: dict[str, Callable[[], Echo]] = {
        "gate": HalfDuplex,
        "cancel": EchoCanceller,
        "none": NoEcho,
    }
    return makers[wanted]


class AnySink:
    """A loudspeaker, or silence where there is none."""

    def __init__(self, loudspeaker: Sink, tell: Tell) -> None:
        self._sink = loudspeaker
        self._tell = tell
        self._opened = AsyncExitStack()

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self._sink.name

    async def __aenter__(self) -> Self:
        """Opens what there is."""
        from trunkline.devices.silence import silent_sink

        try:
            await self._opened.enter_async_context(self._sink)
        except MediaError as error:
            at = asyncio.get_running_loop().time()
            words = f"{error.reason}; nobody hears the answers"
            self._tell(Notice("speaker", "none", Change.OPENED, at, words))
            self._sink = await self._opened.enter_async_context(silent_sink())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes it at once."""
        await self._opened.__aexit__(kind, error, trace)

    def start(self, fill: Fill) -> None:
        """Begins to ask for samples."""
        self._sink.start(fill)
