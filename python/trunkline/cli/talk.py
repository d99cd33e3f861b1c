"""`trunkline talk`: says a sound file to a model, prints both sides' words, saves the answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from trunkline.errors import ConfigError, MediaError

if TYPE_CHECKING:
    from trunkline.client.client import Line
    from trunkline.client.telemetry import LineTelemetry
    from trunkline.protocol.observations import Observation

__all__ = ["talk"]

RATE_HZ = 24_000


@click.command()
@click.option("--wav", type=click.Path(dir_okay=False), help="The sound file to say.")
@click.option("--save", type=click.Path(dir_okay=False), help="Where to write the answer, as WAV.")
@click.option("--model", help="The model to talk to.")
@click.option("--instructions", help="What the model is told to be.")
@click.option("--voice", help="The voice it answers with.")
@click.option("--record", type=click.Path(dir_okay=False), help="Record the line to this new file.")
@click.option("--audio", is_flag=True, help="Keep what is said in the recording, too.")
def talk(
    *,
    wav: str | None,
    save: str | None,
    model: str | None,
    instructions: str | None,
    voice: str | None,
    record: str | None,
    audio: bool,
) -> None:
    """Say a sound file to a model and save its answer.

    The key comes from OPENAI_API_KEY, the server from OPENAI_BASE_URL (default: OpenAI). With TRUNKLINE_PUBLISH=1
    `trunkline console` shows the line meanwhile. Exits with 0 if the model answered.
    """
    import asyncio

    from trunkline.cli.call import Outcome
    from trunkline.cli.publishing import telemetry_for
    from trunkline.devices.wavfile import read_wav, write_wav

    if wav is None:
        raise ConfigError("--wav", "give a sound file; this version has no microphone yet")
    pcm = read_wav(wav, rate_hz=RATE_HZ)
    outcome = Outcome()
    telemetry = telemetry_for("talk", record=record, audio=audio)
    line = _line(model, _session(instructions, voice), telemetry)
    asyncio.run(_say(line, pcm, outcome))
    if telemetry is not None:
        telemetry.close()
    if save is not None:
        write_wav(save, bytes(outcome.played), rate_hz=RATE_HZ)
        seconds = len(outcome.played) / 2 / RATE_HZ
        click.echo(f"saved {seconds:.1f} s of answer to {save}", err=True)
    if not outcome.answered:
        raise MediaError(wav, "the model gave no answer; is there speech in it?")
    sys.exit(0)


def _session(instructions: str | None, voice: str | None) -> dict[str, Any]:
    session: dict[str, Any] = {
        "audio": {
            "input": {
                "transcription": {"model": "gpt-realtime-whisper"},
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
            }
        }
    }
    if instructions is not None:
        session["instructions"] = instructions
    if voice is not None:
        session["audio"]["output"] = {"voice": voice}
    return session


def _line(
    model: str | None, session: dict[str, Any], telemetry: LineTelemetry | None = None
) -> Line:
    import trunkline

    return trunkline.connect(
        model=model,
        session=session,
        observers=(_print_words, _print_state),
        telemetry=telemetry,
        name="talk",
    )


async def _say(line: Line, pcm: bytes, outcome: Any) -> None:
    from trunkline.cli.call import Call

    async with line:
        await Call(line, outcome).run([pcm])


def _print_words(observation: Observation) -> None:
    from trunkline.protocol.observations import Transcript
    from trunkline.text import clean

    if isinstance(observation, Transcript) and observation.final:
        click.echo(f"{observation.speaker.value:<10}{clean(observation.text)}")


def _print_state(observation: Observation) -> None:
    from trunkline.protocol.observations import LinkEnded, Restored
    from trunkline.text import clean

    if isinstance(observation, LinkEnded) and not observation.closure.by_us:
        click.echo(f"link ended: {clean(observation.verdict.cause)}", err=True)
    elif isinstance(observation, Restored):
        click.echo(f"restored in {observation.took * 1000:.0f} ms", err=True)
