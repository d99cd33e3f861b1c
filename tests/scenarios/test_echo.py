"""A loudspeaker beside the microphone, in virtual time: does the model interrupt itself, and can anybody else?"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from devices.conversing import Conversation, recording, silence
from trunkline.devices.echo import EchoCanceller, HalfDuplex, NoEcho
from trunkline.devices.files import pcm_source
from trunkline.devices.silence import silent_sink

RATE = 24_000
BEGIN = 1000
"""Where virtual time begins, in seconds."""
LATE = round(0.005 * RATE)
COUPLING = 0.25


class Room:
    """A source whose microphone hears the user, and what is played, 5 ms late and 12 dB fainter."""

    def __init__(self, said: bytes) -> None:
        self._source = pcm_source(said)
        self.heard = np.zeros(90 * RATE)
        """What the loudspeaker gave, second by second."""

    def played(self, pcm: bytes, heard_at: float) -> None:
        at = round((heard_at - BEGIN) * RATE)
        self.heard[at : at + len(pcm) // 2] = np.frombuffer(pcm, "<i2")

    async def __aenter__(self):
        await self._source.__aenter__()
        return self

    async def __aexit__(self, *facts):
        await self._source.__aexit__(*facts)

    def __aiter__(self):
        return self

    async def __anext__(self):
        block = await anext(self._source)
        # The rooms' air is a task behind the loudspeaker's.
        await asyncio.sleep(0)
        at = round((block.at - BEGIN) * RATE)
        voice = np.frombuffer(block.pcm, "<i2")
        echo = self.heard[max(0, at - LATE) :][: len(voice)] * COUPLING
        mixed = np.clip(voice + echo, -32768, 32767).astype("<i2")
        return replace(block, pcm=mixed.tobytes())


def call(echo, said: bytes) -> Conversation:
    room = Room(said)
    held = Conversation(room, silent_sink(latency=0.06), echo)
    held.hold(on_played=room.played)
    return held


def canceller() -> EchoCanceller:
    pytest.importorskip(
        "livekit",
        reason="NOT PROVEN: that a model with a canceller does not hear itself; pip install 'trunkline[aec]'",
    )
    return EchoCanceller()


ONE_TURN = recording("caller_3") + silence(6)
TWO_TURNS = recording("caller_1") + silence(7) + recording("caller_2") + silence(3)
INTERRUPTED = TWO_TURNS + recording("caller_4") + silence(5)


def test_without_anything_the_model_interrupts_itself():
    held = call(NoEcho(), ONE_TURN)
    assert held.truncations
    assert len(held.responses) > 1


@pytest.mark.parametrize("make", [HalfDuplex, canceller])
def test_with_either_it_does_not_and_the_answer_is_heard_to_its_end(make):
    held = call(make(), ONE_TURN)
    assert held.truncations == []
    assert len(held.responses) == 1
    assert held.heard()[held.responses[0].item_id] == len(recording("interpreter_3")) // 2


@pytest.mark.parametrize("make", [HalfDuplex, canceller])
def test_with_either_somebody_who_speaks_into_the_second_answer_interrupts_it(make):
    held = call(make(), INTERRUPTED)
    (cut,) = held.truncations
    assert cut.item_id == held.responses[1].item_id
    assert len(held.responses) == 3
