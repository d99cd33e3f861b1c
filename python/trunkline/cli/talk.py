"""`trunkline talk`: says a sound file to a model, prints both sides' words, saves the answer."""

from __future__ import annotations

import sys

import click

from trunkline.cli.file_call import FileCall, file_call_options, spoken_session, words

__all__ = ["talk"]


@click.command()
@file_call_options
@click.option("--instructions", help="What the model is told to be.")
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
    call = FileCall(
        command="talk", wav=wav, save=save, model=model, voice=voice, record=record, audio=audio
    )
    session = spoken_session(voice)
    if instructions is not None:
        session["instructions"] = instructions
    printed = words()
    try:
        call.hold(session, printed)
    finally:
        printed.close()
    sys.exit(0)
