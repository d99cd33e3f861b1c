"""Silence in place of a microphone and of a loudspeaker."""

from __future__ import annotations

import asyncio

from devices.jumping import now, run
from trunkline.devices.silence import silent_sink, silent_source


def test_a_silent_source_gives_silence_in_real_time():
    async def listen():
        async with silent_source() as source:
            blocks = [await anext(source) for _ in range(50)]
        return {block.pcm for block in blocks}, round(now() - 1000, 3)

    assert run(listen()) == ({bytes(960)}, 1.0)


def test_a_silent_sink_plays_in_real_time_with_the_latency_it_is_told_to_have():
    asked = []

    async def play():
        async with silent_sink(latency=0.1) as sink:
            sink.start(lambda count, heard_at: asked.append(round(heard_at - 1000, 3)) or b"")
            await asyncio.sleep(0.05)

    run(play())
    assert asked == [0.1, 0.12, 0.14]
