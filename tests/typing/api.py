"""Never run, only type-checked: what the public names promise to a caller."""

from __future__ import annotations

import array
from typing import Any, assert_type

import numpy as np

import trunkline
from trunkline.audio import codec
from trunkline.protocol import events
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Observation


async def a_line() -> None:
    def observe(observation: Observation) -> None:
        assert_type(observation.epoch, int)

    async def provider() -> str:
        return "sk-test-1"

    line = trunkline.connect(api_key=provider, session={"instructions": "hi"}, observers=[observe])
    assert_type(line, trunkline.Line)
    async with line as entered:
        assert_type(entered, trunkline.Line)
        entered.send_audio(b"\0\0")
        entered.send_audio(bytearray(2))
        entered.send_audio(memoryview(b"\0\0"))
        entered.send_audio(array.array("h", [0]))
        entered.send_audio(np.zeros(480, dtype=np.float32))
        assert_type(entered.send({"type": "response.create"}), str)
        assert_type(entered.state, State)
        assert_type(entered.snapshot(audio=False), dict[str, Any])
        trunkline.connect(restore=entered.snapshot(), outage=trunkline.Outage.latest(500))
        async for event in entered:
            assert_type(event, events.Event)
            if isinstance(event, events.AudioDelta):
                assert_type(event.pcm, bytes)


def a_codec() -> None:
    assert_type(codec.append_message(b"\0\0", event_id="e"), bytes)
    assert_type(codec.append_messages(b"\0\0", chunk_ms=20), list[bytes])
    delta = codec.read_delta(b"{}")
    if delta is not None:
        assert_type(delta.pcm, bytes)
    assert_type(codec.to_pcm(np.zeros(2, dtype=np.int16)), bytes)
