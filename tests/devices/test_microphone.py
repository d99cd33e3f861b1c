"""A microphone: blocks, their times, and what is missing between them."""

from __future__ import annotations

import asyncio
import threading
from itertools import pairwise

import numpy as np
import pytest

from devices.soundlib import NO_SUCH_RATE
from devices.watching import BLOCK, Stand
from trunkline.devices.base import Change
from trunkline.devices.microphone import Microphone
from trunkline.errors import MediaError


@pytest.fixture
def stand(monkeypatch):
    return Stand(monkeypatch)


def block(number):
    return number.to_bytes(2, "little") * 480


async def taken(source, count):
    return [await anext(source) for _ in range(count)]


def test_what_is_captured_is_given_to_the_bit_with_its_time(stand):
    async def run():
        async with Microphone() as mic:
            begin = stand.now()
            for number in range(5):
                await asyncio.sleep(BLOCK)
                stand.beat(block(number))
            return begin, mic.name, await taken(mic, 5)

    begin, name, blocks = stand.run(run())
    assert name == "Mic"
    assert [each.pcm for each in blocks] == [block(number) for number in range(5)]
    assert [each.at - begin for each in blocks] == pytest.approx([n * BLOCK for n in range(5)])
    assert [each.lost_ms for each in blocks] == [0] * 5


def test_a_block_is_waited_for(stand):
    async def run():
        async with Microphone() as mic:
            waiting = asyncio.create_task(anext(mic))
            await asyncio.sleep(BLOCK)
            assert not waiting.done()
            stand.beat(block(7))
            return await waiting

    assert stand.run(run()).pcm == block(7)


def test_a_reader_that_is_cancelled_loses_nothing(stand):
    async def run():
        async with Microphone() as mic:
            for _ in range(3):
                waiting = asyncio.create_task(anext(mic))
                await asyncio.sleep(0)
                waiting.cancel()
                await asyncio.wait([waiting])
            stand.beat(block(1))
            return await taken(mic, 1)

    assert stand.run(run())[0].pcm == block(1)


def test_the_iteration_ends_when_it_is_closed(stand):
    async def run():
        async with Microphone() as mic:
            waiting = asyncio.create_task(anext(mic, None))
            await asyncio.sleep(0)
        return await waiting, [each async for each in mic]

    assert stand.run(run()) == (None, [])


def test_a_reader_that_stays_away_is_told_what_it_missed(stand):
    async def run():
        async with Microphone() as mic:
            await stand.play(3)
            await asyncio.sleep(0)
            kept = await taken(mic, 100)
            await stand.play(BLOCK)
            return kept, await taken(mic, 1)

    kept, (after,) = stand.run(run())
    assert sum(each.lost_ms for each in kept) == 0
    # 50 of 150 blocks found no room.
    assert after.lost_ms == pytest.approx(1000)
    assert after.at == pytest.approx(kept[-1].at + BLOCK + 1.0)


def test_an_overflow_of_the_device_is_measured_by_its_clock(stand):
    async def run():
        async with Microphone() as mic:
            await stand.play(0.2)
            await asyncio.sleep(0.09)
            now = stand.now()
            stand.opened.give(block(1), at=now - BLOCK, now=now, overflow=True)
            return await taken(mic, 11)

    blocks = stand.run(run())
    assert [each.lost_ms for each in blocks[:10]] == [0] * 10
    assert blocks[10].lost_ms == pytest.approx(70)


def test_what_is_missed_while_the_device_is_away_is_told_with_the_next_block(stand):
    async def run():
        async with Microphone(tell=stand.notices.append) as mic:
            await stand.play(1)
            before = await taken(mic, 50)
            stand.opened.end()
            await asyncio.sleep(0.05)
            await stand.play(1)
            after = await taken(mic, 50)
            return before[-1], after

    before, after = stand.run(run())
    assert stand.changes == ["opened", "lost", "returned"]
    assert after[0].lost_ms == pytest.approx(50)
    assert after[0].at == pytest.approx(before.at + BLOCK + 0.05)
    assert [each.lost_ms for each in after[1:]] == [0] * 49


def test_what_was_captured_before_the_loss_is_still_given(stand):
    async def run():
        async with Microphone() as mic:
            for number in range(3):
                await asyncio.sleep(BLOCK)
                stand.beat(block(number))
            stand.opened.end()
            await asyncio.sleep(0.51)
            stand.beat(block(3))
            return await taken(mic, 4)

    blocks = stand.run(run())
    assert [each.pcm for each in blocks] == [block(number) for number in range(4)]
    assert [each.lost_ms for each in blocks] == pytest.approx([0, 0, 0, 490])


def test_a_stall_is_lost_time_and_the_bunch_after_it_is_not(stand):
    async def run():
        async with Microphone(tell=stand.notices.append) as mic:
            await stand.play(1)
            before = await taken(mic, 50)
            await asyncio.sleep(0.3)
            begin = stand.now()
            # Captured while the interpreter was busy, 100 ms of them, after 200 ms of nothing.
            for number in range(5):
                stand.beat(block(number), at=begin - 0.1 + number * BLOCK)
            await stand.play(1)
            return before + await taken(mic, 55)

    blocks = stand.run(run())
    assert stand.changes == ["opened", "stalled", "returned"]
    assert blocks[50].lost_ms == sum(each.lost_ms for each in blocks) == pytest.approx(200)
    assert all(b.at - a.at >= 0.004 for a, b in pairwise(blocks))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [48_000, 44_100, 16_000, 8_000])
def test_another_rate_is_converted_and_its_delay_taken_off_the_times(stand, rate, channels):
    def refusal(options):
        fits = options["samplerate"] == rate and options["channels"] == channels
        return None if fits else NO_SUCH_RATE

    stand.library.listed[0]["max_input_channels"] = 2
    stand.library.refusals.append(refusal)
    size, click_at = rate // 50, 10

    async def run():
        async with Microphone() as mic:
            begin = stand.now()
            for number in range(50):
                await asyncio.sleep(BLOCK)
                wide = np.zeros((size, channels), "<i2")
                wide[0, 0] = 30_000 if number == click_at else 0
                now = stand.now()
                stand.opened.give(wide.tobytes(), at=now - BLOCK, now=now)
            return begin, await taken(mic, 49)

    begin, blocks = stand.run(run())
    assert {len(each.pcm) for each in blocks} == {960}
    pcm = np.frombuffer(b"".join(each.pcm for each in blocks), "<i2")
    number, sample = divmod(int(np.argmax(np.abs(pcm.astype(int)))), 480)
    heard_at = blocks[number].at + sample / 24_000 - begin
    assert heard_at == pytest.approx(click_at * BLOCK, abs=0.0005)
    assert sum(each.lost_ms for each in blocks) == 0


def test_a_device_that_is_not_there_is_an_error(stand):
    async def run():
        with pytest.raises(MediaError, match="no microphone has that in its name; there are: Mic"):
            async with Microphone("nothing"):
                pass

    stand.run(run())


def test_a_thread_of_its_own_wakes_the_reader(monkeypatch):
    """As PortAudio's does; everything else here is one thread."""
    real = Stand(monkeypatch)
    monkeypatch.undo()
    from devices.soundlib import all_left, installed

    library = installed(monkeypatch)

    async def run():
        async with asyncio.timeout(10), Microphone(tell=real.notices.append) as mic:
            thread = threading.Thread(target=lambda: library.streams[0].give(block(9)))
            thread.start()
            found = await anext(mic)
            thread.join()
            return found

    try:
        assert asyncio.run(run()).pcm == block(9)
    finally:
        all_left()
        real.loop.close()
    assert real.notices[0].change is Change.OPENED


def test_a_loop_that_is_closed_is_not_woken(stand):
    async def run():
        mic = Microphone()
        await mic.__aenter__()
        return stand.opened

    opened = stand.run(run())
    opened.give(block(1))
