"""Sources and sinks whose clock is the event loop's."""

from __future__ import annotations

import asyncio

import pytest

from devices.jumping import block_loop, now, run
from trunkline.devices.base import BLOCK_SAMPLES, Change
from trunkline.devices.paced import PacedSink, PacedSource
from trunkline.errors import MediaError


def pcm(number: int, samples: int = BLOCK_SAMPLES) -> bytes:
    return bytes([number, 0]) * samples


def source(*blocks: bytes) -> PacedSource:
    return PacedSource("test", lambda: iter(blocks))


class Filler:
    """Gives numbered blocks, and remembers when they were asked for."""

    def __init__(self):
        self.asked: list[tuple[float, int, float]] = []

    def __call__(self, count_samples, heard_at):
        self.asked.append((now(), count_samples, heard_at))
        return pcm(len(self.asked) % 256)


def test_a_block_is_given_when_its_last_sample_is_captured_and_the_source_ends_with_its_blocks():
    async def listen():
        async with source(pcm(1), pcm(2), pcm(3, 240)) as opened:
            return [
                (round(block.at - 1000, 3), round(now() - 1000, 3), len(block.pcm))
                async for block in opened
            ]

    assert run(listen()) == [(0, 0.02, 960), (0.02, 0.04, 960), (0.04, 0.05, 480)]


def test_a_loop_that_was_blocked_gets_all_blocks_that_are_due_and_then_is_in_time_again():
    async def listen():
        times = []
        async with source(*[pcm(1)] * 8) as opened:
            async for _ in opened:
                times.append(round(now() - 1000, 3))
                if len(times) == 2:
                    block_loop(0.07)
        return times

    assert run(listen()) == [0.02, 0.04, 0.11, 0.11, 0.11, 0.12, 0.14, 0.16]


def test_a_wait_that_is_cancelled_loses_no_block():
    async def listen():
        async with source(pcm(1), pcm(2)) as opened:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(opened), 0.005)
            return [block.pcm async for block in opened]

    assert run(listen()) == [pcm(1), pcm(2)]


def test_a_closed_source_gives_nothing_more():
    async def listen():
        opened = source(pcm(1))
        async with opened:
            pass
        return [block async for block in opened]

    assert run(listen()) == []


def test_what_cannot_be_loaded_is_said_at_the_opening():
    def load():
        raise MediaError("x", "there is no such file")

    async def listen():
        async with PacedSource("x", load):
            pass

    with pytest.raises(MediaError, match="no such file"):
        run(listen())


def test_a_sink_asks_every_twenty_milliseconds_and_says_when_that_is_heard():
    filler, taken = Filler(), []

    async def play():
        async with PacedSink("test", take=taken.append, latency=0.05) as sink:
            sink.start(filler)
            await asyncio.sleep(0.05)

    run(play())
    assert [round(asked - 1000, 3) for asked, _, _ in filler.asked] == [0, 0.02, 0.04]
    assert [round(heard - 1000, 3) for _, _, heard in filler.asked] == [0.05, 0.07, 0.09]
    assert {count for _, count, _ in filler.asked} == {BLOCK_SAMPLES}
    assert taken == [pcm(1), pcm(2), pcm(3)]


def test_a_blocked_sink_catches_up_at_the_times_that_were_due():
    filler = Filler()

    async def play():
        async with PacedSink("test", take=lambda _: None) as sink:
            sink.start(filler)
            await asyncio.sleep(0.001)
            block_loop(0.06)
            await asyncio.sleep(0.03)

    run(play())
    assert [round(heard - 1000, 3) for _, _, heard in filler.asked] == [0, 0.02, 0.04, 0.06, 0.08]


def test_a_sink_that_was_never_started_closes():
    async def play():
        async with PacedSink("test", take=lambda _: None):
            pass

    run(play())


def broken(_pcm):
    raise MediaError("out.wav", "the disk is full")


def test_what_cannot_be_taken_is_told_as_a_loss_and_raised_at_the_close():
    told = []

    async def play():
        async with PacedSink("out.wav", take=broken, tell=told.append) as sink:
            sink.start(Filler())
            await asyncio.sleep(0.1)

    with pytest.raises(MediaError, match="disk is full"):
        run(play())
    (notice,) = told
    assert (notice.device, notice.change, notice.detail) == (
        "speaker",
        Change.LOST,
        "the disk is full",
    )


def test_another_error_that_is_on_its_way_is_not_hidden():
    async def play():
        async with PacedSink("out.wav", take=broken) as sink:
            sink.start(Filler())
            await asyncio.sleep(0.1)
            raise KeyError

    with pytest.raises(KeyError):
        run(play())
