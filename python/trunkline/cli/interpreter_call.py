"""A call to an interpreter: a sound file is said in real time, and what comes out meanwhile is saved."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trunkline.cli.aside import tell
from trunkline.cli.call import Outcome
from trunkline.cli.file_call import RATE_HZ, check_target, print_state
from trunkline.errors import ConfigError, LineFailed, LocalError, MediaError

if TYPE_CHECKING:
    from trunkline.client.observers import Observer
    from trunkline.client.translation import TranslationLine
    from trunkline.fleet.telemetry import Telemetry
    from trunkline.protocol.events import Event

__all__ = ["InterpreterCall", "advised", "interpreter", "refuse_conversation"]

_TRANSCRIBER = "gpt-realtime-whisper"


def interpreter(*, to: str, model: str | None, **where: Any) -> TranslationLine:
    """A line to an interpreter that writes the speaker down; `where` as `trunkline.translate` takes it."""
    import trunkline
    from trunkline.client.models import TRANSLATION_MODEL

    return trunkline.translate(
        to=to, transcribe=_TRANSCRIBER, model=model or TRANSLATION_MODEL, **where
    )


def refuse_conversation(*, style: str, voice: str | None) -> None:
    """Raises ConfigError for what only a conversation can be told."""
    reason = "an interpreter cannot be told that; leave it out, or leave off --dedicated"
    if style != "neutral":
        raise ConfigError("--style", reason)
    if voice is not None:
        raise ConfigError("--voice", reason)


@dataclass(kw_only=True)
class InterpreterCall:
    """What such a call is asked for, and how it is done."""

    to: str
    wav: str
    save: str | None
    model: str | None
    record: str | None
    audio: bool
    outcome: Outcome = field(default_factory=Outcome)
    """Its one turn is begun with the first word of the translation, and answered when all of it was said."""

    def hold(self, *observers: Observer) -> None:
        """Says the file, and saves what the interpreter said, also of a call that failed.

        Raises ConfigError without a file or a key, MediaError for a file of no use or if not all of it is translated,
        LineFailed if the line ends, with the advice to do without the endpoint if the server has none.
        """
        from trunkline.cli.publishing import telemetry_for

        pcm = self._pcm()
        check_target(self.save)
        telemetry = telemetry_for("translate", record=self.record, audio=self.audio)
        try:
            asyncio.run(self._say(pcm, observers, telemetry))
        except LineFailed as failure:
            raise advised(failure) from failure
        finally:
            if telemetry is not None:
                telemetry.close()
            self._save()
        if not self.outcome.answered:
            raise MediaError(str(self.wav), self._complaint())

    def _complaint(self) -> str:
        if self.outcome.turns:
            return "not all of it was translated"
        return "the interpreter said nothing; is there speech in it?"

    def _pcm(self) -> bytes:
        from trunkline.devices.wavfile import read_wav

        return read_wav(self.wav, rate_hz=RATE_HZ)

    def _line(
        self, observers: tuple[Observer, ...], telemetry: Telemetry | None
    ) -> TranslationLine:
        return interpreter(
            to=self.to,
            model=self.model,
            observers=(*observers, print_state),
            telemetry=telemetry,
            name="translate",
        )

    async def _say(
        self, pcm: bytes, observers: tuple[Observer, ...], telemetry: Telemetry | None
    ) -> None:
        async with self._line(observers, telemetry) as line:
            both = [asyncio.create_task(each) for each in (self._listen(line), _speak(line, pcm))]
            try:
                await asyncio.gather(*both)
            finally:
                for task in both:
                    task.cancel()
            self.outcome.answered = int(bool(self.outcome.turns) and not line.books().retained)

    async def _listen(self, line: TranslationLine) -> None:
        async for event in line:
            self._take(event)

    def _take(self, event: Event) -> None:
        from trunkline.protocol import events

        if isinstance(event, events.TranslatedAudio):
            self.outcome.played += event.pcm
        elif isinstance(event, events.TargetText):
            self.outcome.turns = 1

    def _save(self) -> None:
        from trunkline.devices.wavfile import write_wav

        played = bytes(self.outcome.played)
        if self.save is None or not played:
            return
        write_wav(self.save, played, rate_hz=RATE_HZ)
        tell(f"saved {len(played) / 2 / RATE_HZ:.1f} s of translation to {self.save}")


async def _speak(line: TranslationLine, pcm: bytes) -> None:
    from trunkline.devices.files import pcm_source

    # If the line is over before, iterating over it says why.
    with contextlib.suppress(LocalError):
        async with pcm_source(pcm) as source:
            async for block in source:
                line.send_audio(block.pcm)
    await line.finish()


def advised(failure: LineFailed) -> LineFailed:
    """The same, with the advice to do without the endpoint if the server has none."""
    from trunkline.client.translation import may_lack_endpoint

    if not may_lack_endpoint(failure):
        return failure
    return type(failure)(
        failure.cause, f"{failure.advice}; or leave off --dedicated", failure.closures
    )
