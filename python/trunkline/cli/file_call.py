"""A call whose caller is a sound file: it is said to a model, both sides' words are printed, the answer is saved."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trunkline.cli.aside import tell
from trunkline.cli.dialing import dial_options
from trunkline.errors import MediaError

if TYPE_CHECKING:
    from trunkline.cli.call import Outcome
    from trunkline.cli.debt import Debt
    from trunkline.client.client import Line
    from trunkline.client.observers import Observer
    from trunkline.fleet.telemetry import Telemetry
    from trunkline.protocol.observations import Observation

__all__ = [
    "RATE_HZ",
    "FileCall",
    "check_target",
    "file_call_options",
    "print_state",
    "spoken_session",
    "words",
]

RATE_HZ = 24_000

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--wav",
        type=click.Path(dir_okay=False),
        help="Say this sound file, and end with its answer.",
    ),
    click.option(
        "--save", type=click.Path(dir_okay=False), help="Where to write the answer, as WAV."
    ),
    click.option("--model", help="The model to talk to."),
    click.option("--voice", help="The voice it answers with."),
    click.option(
        "--record", type=click.Path(dir_okay=False), help="Record the line to this new file."
    ),
    click.option("--audio", is_flag=True, help="Keep what is said in the recording, too."),
)


def file_call_options(command: _Command) -> _Command:
    """The command with the options that are the fields of a `FileCall`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return dial_options(command)


def spoken_session(voice: str | None, **detection: Any) -> dict[str, Any]:
    """Settings for turns that end by silence and are written down; `detection` adds to how turns are found."""
    audio: dict[str, Any] = {
        "input": {
            "transcription": {"model": "gpt-realtime-whisper"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500} | detection,
        }
    }
    if voice is not None:
        audio["output"] = {"voice": voice}
    return {"audio": audio}


def check_target(path: str | None) -> None:
    """Raises MediaError, before anything is said and paid for, if no file can be written there."""
    if path is None:
        return
    target = Path(path)
    place = target if target.exists() else target.parent
    if not place.exists():
        raise MediaError(path, "cannot be written: there is no such folder")
    if not os.access(place, os.W_OK):
        raise MediaError(path, "cannot be written: no permission")


@dataclass(kw_only=True)
class FileCall:
    """What such a command is asked for, and how it is done."""

    command: str
    wav: str
    save: str | None
    model: str | None
    voice: str | None
    record: str | None
    audio: bool
    debt: Debt | None = None
    """Given if the file may hold several utterances, each of which is answered."""
    measured: bool = False
    """Whether observers are told exactly when the user ended."""
    outcome: Outcome = field(init=False)

    def __post_init__(self) -> None:
        from trunkline.cli.call import Outcome

        self.outcome = Outcome()

    def hold(self, session: dict[str, Any], *observers: Observer) -> None:
        """Says the file in real time until it is answered, and saves what was played, also of a call that failed.

        Raises ConfigError without a key, MediaError for a file of no use or if no answer comes, LineFailed
        if the line ends.
        """
        pcm = self._pcm()
        check_target(self.save)
        from trunkline.cli.publishing import telemetry_for

        telemetry = telemetry_for(self.command, record=self.record, audio=self.audio)
        try:
            self._hold(pcm, self._line(session, observers, telemetry))
        finally:
            if telemetry is not None:
                telemetry.close()
        if not self.outcome.answered:
            raise MediaError(self.wav, self._complaint())

    def _complaint(self) -> str:
        if self.outcome.played:
            return "the model did not answer all of it"
        return "the model gave no answer; is there speech in it?"

    def _pcm(self) -> bytes:
        from trunkline.devices.wavfile import read_wav

        return read_wav(self.wav, rate_hz=RATE_HZ)

    def _line(
        self,
        session: dict[str, Any],
        observers: tuple[Observer, ...],
        telemetry: Telemetry | None,
    ) -> Line:
        import trunkline

        owed: tuple[Observer, ...] = () if self.debt is None else (self.debt,)
        line = trunkline.connect(
            model=self.model,
            session=session,
            observers=(*observers, *owed, print_state),
            telemetry=telemetry,
            name=self.command,
        )
        if self.measured:
            line.measure()
        return line

    def _hold(self, pcm: bytes, line: Line) -> None:
        import asyncio

        try:
            asyncio.run(self._say(pcm, line))
        finally:
            self._save()

    async def _say(self, pcm: bytes, line: Line) -> None:
        from trunkline.cli.call import Call

        async with line:
            await Call(line, self.outcome, debt=self.debt).run([pcm])

    def _save(self) -> None:
        from trunkline.devices.wavfile import write_wav

        played = bytes(self.outcome.played)
        if self.save is None or not (played or self.outcome.turns):
            return
        write_wav(self.save, played, rate_hz=RATE_HZ)
        tell(f"saved {len(played) / 2 / RATE_HZ:.1f} s of answer to {self.save}")


def words() -> Any:
    """What prints both sides' words: as they come where somebody looks on, else in whole lines."""
    from trunkline.cli.words import Words

    return Words(lambda text: click.echo(text, nl=False), live=sys.stdout.isatty())


def print_state(observation: Observation) -> None:
    """An observer that says on stderr how links end and come back."""
    from trunkline.protocol.observations import LinkEnded, Restored
    from trunkline.text import clean

    if isinstance(observation, LinkEnded) and not observation.closure.by_us:
        tell(f"link ended: {clean(observation.verdict.cause)}")
    elif isinstance(observation, Restored):
        tell(f"restored in {observation.took * 1000:.0f} ms")
