"""`trunkline talk`: a conversation with a model, live or with a sound file."""

from __future__ import annotations

import sys
from typing import Any

import click

from trunkline.cli.file_call import FileCall, file_call_options, spoken_session, words
from trunkline.cli.live_call import LiveCall
from trunkline.cli.live_options import LiveOptions, live_options
from trunkline.cli.settings.use import said_now

__all__ = ["talk"]


@click.command()
@file_call_options
@click.option("--instructions", help="What the model is told to be.")
@live_options
def talk(
    *,
    wav: str | None,
    save: str | None,
    model: str | None,
    instructions: str | None,
    voice: str | None,
    record: str | None,
    audio: bool,
    **live: Any,
) -> None:
    """Talk to a model, with a microphone and a loudspeaker.

    A line at the bottom shows the state of the link, both levels, the round trip and whose turn it is; what both sides
    say scrolls above it. Keys: m mutes, c opens the console on this call and q comes back from there, ? lists them, q
    or Ctrl-C ends the call. Drops of the link are told in words, and nothing said meanwhile is lost.

    With --wav FILE the file is said instead, its answer awaited, and the command ends.

    The key comes from OPENAI_API_KEY, the server from OPENAI_BASE_URL (default: OpenAI), or both from files
    (docs/configuration.md); --simulated needs neither.
    With TRUNKLINE_PUBLISH=1 `trunkline console` shows the line, too. Exits with 0 if a file was answered or a live call
    was ended by key, with 130 after Ctrl-C.
    """
    options = LiveOptions.of(live)
    session = spoken_session(voice)
    if instructions is not None:
        session["instructions"] = instructions
    if wav is None:
        call = LiveCall(
            command="talk", options=options, model=model, save=save, record=record, audio=audio
        )
        call.hold(session)
        sys.exit(0)
    LiveOptions(**said_now(live)).check_file_call()
    _say(
        FileCall(
            command="talk", wav=wav, save=save, model=model, voice=voice, record=record, audio=audio
        ),
        session,
    )
    sys.exit(0)


def _say(call: FileCall, session: dict[str, Any]) -> None:
    printed = words()
    try:
        call.hold(session, printed)
    finally:
        printed.close()
