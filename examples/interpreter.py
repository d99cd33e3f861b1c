"""Translates a talk while it is said: what a microphone gives goes in, what comes out is played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import trunkline
from trunkline.protocol import events


async def interpret(talk: AsyncIterator[bytes], play: Callable[[bytes], None], **where: Any) -> str:
    """Plays the translation of 24 kHz PCM into Spanish as it comes, and gives its words at the end."""
    async with asyncio.TaskGroup() as tasks, trunkline.translate(to="es", **where) as line:
        tasks.create_task(speak(talk, line))
        words = ""
        async for event in line:
            if isinstance(event, events.TranslatedAudio):
                play(event.pcm)
            elif isinstance(event, events.TargetText):
                words += event.delta
            elif isinstance(event, events.LineGap):
                words += f" [{event.duration_ms / 1000:.1f} s were lost: {event.reason}] "
    return words


async def speak(talk: AsyncIterator[bytes], line: trunkline.TranslationLine) -> None:
    """Gives what is said as it is captured, silence too, and asks for the rest at the end."""
    async for pcm in talk:
        line.send_audio(pcm)
    line.finish()
