"""A loudspeaker: what it asks for, and when it will be heard."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from devices.soundlib import NO_SUCH_RATE
from devices.watching import BLOCK, Stand
from trunkline.devices.loudspeaker import Loudspeaker
from trunkline.errors import MediaError


@pytest.fixture
def stand(monkeypatch):
    stand = Stand(monkeypatch)
    stand.library.plugged = stand.library.listed = [*stand.library.plugged[:1]]
    stand.library.plugged[0] |= {"max_output_channels": 2}
    stand.library.default.device = (0, 0)
    return stand


class Asked:
    """A `Fill` that notes what was asked, and counts in what it gives."""

    def __init__(self):
        self.calls = []

    def __call__(self, count_samples, heard_at):
        self.calls.append((count_samples, heard_at))
        return len(self.calls).to_bytes(2, "little") * count_samples


def test_it_is_silent_until_it_is_started(stand):
    async def run():
        async with Loudspeaker() as speaker:
            silent = stand.beat()
            speaker.start(Asked())
            return speaker.name, silent, stand.beat()

    assert stand.run(run()) == ("Mic", bytes(960), b"\1\0" * 480)


def test_it_says_when_the_first_sample_will_be_heard_and_the_next_follow_it(stand):
    asked = Asked()

    async def run():
        async with Loudspeaker() as speaker:
            speaker.start(asked)
            begin = stand.now()
            # The buffer is filled at once, then one block is asked for as one is played.
            for number in range(3):
                now = stand.now()
                stand.opened.ask(480, at=now + number * BLOCK, now=now)
            for _ in range(5):
                await asyncio.sleep(BLOCK)
                now = stand.now()
                stand.opened.ask(480, at=now + 0.04 + 0.001, now=now)
            return begin

    begin = stand.run(run())
    assert [count for count, _ in asked.calls] == [480] * 8
    heard = [at - begin for _, at in asked.calls]
    assert heard == pytest.approx([number * BLOCK for number in range(8)], abs=0.001)


def test_a_device_that_begins_later_than_it_said_is_believed_after_a_tenth_of_a_second(stand):
    asked = Asked()

    async def run():
        async with Loudspeaker() as speaker:
            speaker.start(asked)
            begin = stand.now()
            stand.opened.ask(480, at=begin + 0.04, now=begin)
            for _ in range(10):
                await asyncio.sleep(BLOCK)
                now = stand.now()
                stand.opened.ask(480, at=now + 0.04 + 0.05, now=now)
            return begin

    begin = stand.run(run())
    told = [at - begin - number * BLOCK for number, (_, at) in enumerate(asked.calls)]
    assert told == pytest.approx([0.04] * 5 + [0.09] * 6)


def test_a_device_that_ran_dry_is_counted_and_hears_the_rest_later(stand):
    asked = Asked()

    async def run():
        async with Loudspeaker() as speaker:
            speaker.start(asked)
            begin = stand.now()
            stand.opened.ask(480, at=begin + 0.04, now=begin)
            await asyncio.sleep(0.3)
            now = stand.now()
            stand.opened.ask(480, at=now + 0.04, now=now, underflow=True)
            return begin, speaker.underflows

    begin, underflows = stand.run(run())
    assert underflows == 1
    assert asked.calls[1][1] - begin == pytest.approx(0.34)


def test_a_device_that_paused_without_a_word_is_heard_later_at_once(stand):
    asked = Asked()

    async def run():
        async with Loudspeaker() as speaker:
            speaker.start(asked)
            await stand.play(0.2)
            await asyncio.sleep(0.3)
            stand.beat()
            return stand.now(), speaker.underflows

    now, underflows = stand.run(run())
    assert underflows == 0
    assert asked.calls[-1][1] == pytest.approx(now + 0.04)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [48_000, 44_100, 16_000, 8_000])
def test_another_rate_is_converted_and_a_click_is_heard_when_it_was_said(stand, rate, channels):
    def refusal(options):
        fits = options["samplerate"] == rate and options["channels"] == channels
        return None if fits else NO_SUCH_RATE

    stand.library.refusals.append(refusal)
    clicks, played = [], []

    def fill(count_samples, heard_at):
        pcm = np.zeros(count_samples, "<i2")
        if played and len(played) == 10 and not clicks:
            clicks.append(heard_at)
            pcm[0] = 30_000
        return pcm.tobytes()

    async def run():
        async with Loudspeaker() as speaker:
            speaker.start(fill)
            begin = stand.now()
            for _ in range(30):
                now = stand.now()
                played.append(stand.opened.ask(rate // 50, at=now + 0.04, now=now))
                await asyncio.sleep(BLOCK)
            return begin

    begin = stand.run(run())
    wide = np.frombuffer(b"".join(played), "<i2").reshape(-1, channels)
    assert (wide == wide[:, :1]).all()
    heard_at = begin + 0.04 + int(np.argmax(np.abs(wide[:, 0].astype(int)))) / rate
    assert clicks == pytest.approx([heard_at], abs=0.0005)


def test_a_fill_that_fails_is_told_once_and_silence_is_played(stand):
    failures = []

    def fill(_count, _heard_at):
        raise ZeroDivisionError

    async def run():
        stand.loop.set_exception_handler(lambda _loop, context: failures.append(context))
        async with Loudspeaker() as speaker:
            speaker.start(fill)
            silent = [stand.beat(), stand.beat()]
            await asyncio.sleep(0)
            return silent

    assert stand.run(run()) == [bytes(960)] * 2
    assert [type(each["exception"]) for each in failures] == [ZeroDivisionError]
    assert failures[0]["message"] == "what plays on Mic failed"


def test_a_fill_that_gives_another_length_is_told_and_silence_is_played(stand):
    failures = []

    async def run():
        stand.loop.set_exception_handler(lambda _loop, context: failures.append(context))
        async with Loudspeaker() as speaker:
            speaker.start(lambda _count, _at: b"\1\1")
            silent = stand.beat()
            await asyncio.sleep(0)
            return silent

    assert stand.run(run()) == bytes(960)
    assert len(failures) == 1


def test_a_device_that_comes_back_asks_again(stand):
    asked = Asked()

    async def run():
        async with Loudspeaker(tell=stand.notices.append) as speaker:
            speaker.start(asked)
            await stand.play(0.5)
            stand.opened.end()
            await asyncio.sleep(0.01)
            before = len(asked.calls)
            await stand.play(0.5)
            return before

    assert stand.run(run()) == 25
    assert len(asked.calls) == 50
    assert stand.told == [("speaker", each) for each in ("opened", "lost", "returned")]


def test_a_loop_that_is_closed_is_told_nothing(stand):
    def fill(_count, _heard_at):
        raise ZeroDivisionError

    async def run():
        speaker = Loudspeaker()
        await speaker.__aenter__()
        speaker.start(fill)
        return stand.opened

    opened = stand.run(run())
    assert opened.ask(480) == bytes(960)


def test_a_device_that_is_not_there_is_an_error(stand):
    async def run():
        with pytest.raises(MediaError, match="no speaker has that in its name"):
            async with Loudspeaker("nothing"):
                pass

    stand.run(run())
