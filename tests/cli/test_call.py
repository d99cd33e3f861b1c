"""One call in real time."""

from __future__ import annotations

import asyncio

from client.serving import heard, line_over, welcome
from trunkline.cli.call import Call, Outcome
from trunkline.transports.memory import MemoryTransport


def test_a_turn_is_said_in_chunks_and_its_answer_is_played_and_told():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport)
        outcome = Outcome()
        task = asyncio.create_task(welcome(transport))
        async with line:
            peer = await task
            call = asyncio.create_task(Call(line, outcome).run([b"\1\0" * 500]))
            # 500 samples are two chunks; the second is filled up with silence.
            assert await heard(peer) == b"\1\0" * 480
            assert await heard(peer) == b"\1\0" * 20 + bytes(920)
            item = {"id": "i", "type": "message", "role": "assistant", "content": []}
            peer.send({"type": "response.created", "response": {"id": "r"}})
            peer.send({"type": "conversation.item.added", "item": item})
            place = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
            audio = {"type": "response.output_audio.delta", "event_id": "e", "delta": "AgAC" * 320}
            peer.send(audio | place)
            peer.send({"type": "response.output_audio.done", "event_id": "e"} | place)
            peer.send({"type": "response.done", "response": {"id": "r", "status": "completed"}})
            await call
        return outcome

    outcome = asyncio.run(asyncio.wait_for(scenario(), 20))
    assert (outcome.turns, outcome.answered) == (1, 1)
    assert len(outcome.played) == 960
