"""A microphone and a loudspeaker on a line, each of them a test's own."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from devices.bench import (
    BLOCK,
    HandLine,
    HandSink,
    HandSource,
    NotingEcho,
    created,
    delta,
    done,
)
from trunkline.devices.base import BLOCK_SAMPLES, Block, Change, Notice
from trunkline.devices.headset import Headset
from trunkline.devices.player import Player
from trunkline.errors import LineFailed, LocalError, MediaError
from trunkline.protocol import events


class Bench:
    """A headset with everything around it."""

    def __init__(self, *, source: HandSource | None = None, sink: HandSink | None = None) -> None:
        self.line, self.player, self.echo = HandLine(), Player(), NotingEcho()
        self.source, self.sink = source or HandSource(), sink or HandSink()
        self.taken: list[events.Event] = []
        self.captured: list[bytes] = []
        self.heard: list[tuple[str, int]] = []
        self.headset = Headset(
            self.line,
            self.source,
            self.sink,
            player=self.player,
            echo=self.echo,
            captured=self.captured.append,
            heard=lambda *heard: self.heard.append(heard),
        )

    async def give(self, *given) -> None:
        """Events from the line, taken before this returns."""
        for event in given:
            self.line.queue.put_nowait(event)
        await self.until(self.line.queue.empty)

    async def until(self, holds) -> None:
        async with asyncio.timeout(5):
            while not holds():
                await asyncio.sleep(0)
        await asyncio.sleep(0)


@asynccontextmanager
async def running(bench: Bench):
    task = asyncio.create_task(bench.headset.run(bench.taken.append))
    try:
        await bench.until(lambda: bench.sink.fill is not None or task.done())
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def is_silent(pcm: bytes) -> bool:
    """But for the fade of 5 ms."""
    return len(pcm) == 2 * BLOCK_SAMPLES and not any(pcm[2 * 120 :])


def run(scenario) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_what_is_captured_goes_to_the_line_and_what_was_lost_before_it_is_told():
    async def scenario() -> None:
        bench = Bench(source=HandSource(Block(BLOCK, 0.0), Block(BLOCK, 0.1, lost_ms=60.0)))
        async with running(bench):
            await bench.until(lambda: len(bench.line.told) == 3)
        assert bench.line.told == [("audio", BLOCK), ("overrun", 60.0), ("audio", BLOCK)]
        assert bench.captured == [BLOCK, BLOCK]

    run(scenario)


def test_an_answer_is_played_and_told_as_it_is_heard():
    async def scenario() -> None:
        bench = Bench()
        async with running(bench):
            await bench.give(created(), delta("a"))
            assert bench.sink.play() == b"\2\0" * BLOCK_SAMPLES
            await bench.until(lambda: ["a", BLOCK_SAMPLES] in bench.line.of("played"))
            # First that it came: an interruption is told from then on.
            assert bench.line.of("played") == [["a", 0], ["a", BLOCK_SAMPLES]]
            await bench.until(lambda: bench.heard == [("a", BLOCK_SAMPLES)])
            assert bench.line.of("playout")[-1] == [980, 0, 100, 0.0]
            assert bench.echo.heard == [b"\2\0" * BLOCK_SAMPLES]
            assert [type(event) for event in bench.taken] == [
                events.ResponseCreated,
                events.AudioDelta,
            ]

    run(scenario)


def test_after_an_interruption_the_very_next_block_is_silent():
    async def scenario() -> None:
        bench = Bench()
        async with running(bench):
            await bench.give(created(), delta("a"))
            bench.sink.play()
            await bench.give(events.Interrupted(item_id="a", reason="the user spoke"))
            assert is_silent(bench.sink.play())
            await bench.until(lambda: bench.headset.is_quiet)

    run(scenario)


def test_a_button_ends_the_answer_and_tells_how_much_of_it_was_heard():
    async def scenario() -> None:
        bench = Bench()
        async with running(bench):
            await bench.give(
                created(), delta("a", 480), events.AudioDone(response_id="r", item_id="a")
            )
            await bench.give(delta("b"))
            bench.sink.play(480)
            bench.sink.play(960)
            bench.headset.interrupt()
            assert is_silent(bench.sink.play())
            assert bench.line.of("played")[-2:] == [["a", 480], ["b", 960]]
            cancel, cut = (event for (event,) in bench.line.of("send"))
            assert cancel == {"type": "response.cancel"}
            assert (cut["type"], cut["item_id"]) == ("conversation.item.truncate", "b")
            assert cut["audio_end_ms"] == 40

    run(scenario)


def test_a_button_while_nothing_is_said_asks_for_nothing():
    async def scenario() -> None:
        bench = Bench()
        async with running(bench):
            bench.headset.interrupt()
            await bench.give(
                created(), delta("a", 480), events.AudioDone(response_id="r", item_id="a")
            )
            await bench.give(done())
            bench.sink.play()
            bench.headset.interrupt()
            assert bench.line.of("send") == []

    run(scenario)


def test_a_button_takes_back_an_answer_that_has_not_begun_to_sound():
    async def scenario() -> None:
        bench = Bench()
        async with running(bench):
            await bench.give(created())
            bench.headset.interrupt()
            assert bench.line.of("send") == [[{"type": "response.cancel"}]]

    run(scenario)


def test_while_it_is_closed_nothing_goes_to_the_line_but_the_level_is_seen():
    async def scenario() -> None:
        bench = Bench()
        bench.headset.is_open = False
        async with running(bench):
            bench.source.queue.put_nowait(Block(b"\0\x40" * BLOCK_SAMPLES, 0.0))
            await bench.until(bench.source.queue.empty)
            assert bench.line.of("audio") == []
            said, played = bench.headset.levels()
            assert said.peak == 0x4000
            assert played.samples == 0

    run(scenario)


def test_levels_are_those_since_they_were_last_asked_for():
    async def scenario() -> None:
        bench = Bench()
        async with running(bench):
            await bench.give(delta("a", 480))
            bench.sink.play()
            bench.sink.play()
            assert bench.headset.levels()[1].samples == 2 * BLOCK_SAMPLES
            assert bench.headset.levels()[1].samples == 0

    run(scenario)


def test_a_source_that_ends_leaves_the_answers_their_time():
    async def scenario() -> None:
        bench = Bench(source=HandSource(Block(BLOCK, 0.0), None))
        async with running(bench) as task:
            await bench.until(lambda: bench.headset.is_over)
            await bench.give(delta("a"))
            assert bench.sink.play() == b"\2\0" * BLOCK_SAMPLES
            assert not task.done()

    run(scenario)


def test_the_end_of_the_line_ends_it_and_closes_both_devices():
    async def scenario() -> None:
        bench = Bench()
        async with running(bench) as task:
            bench.line.queue.put_nowait(None)
            await task
        assert (bench.source.closings, bench.sink.closings) == (1, 1)

    run(scenario)


@pytest.mark.parametrize("to_the_end", [True, False])
def test_what_came_before_the_end_of_the_line_is_heard_if_it_is_wanted(to_the_end: bool):
    async def scenario() -> None:
        bench = Bench()
        task = asyncio.create_task(bench.headset.run(to_the_end=to_the_end))
        await bench.until(lambda: bench.sink.fill is not None)
        await bench.give(delta("a"))
        bench.line.refusal = LocalError("playing", "the line is closed")
        bench.line.queue.put_nowait(None)
        await asyncio.wait({task}, timeout=0.05)
        assert task.done() is not to_the_end
        bench.sink.play()
        await task
        assert bench.sink.closings == 1
        assert (("a", BLOCK_SAMPLES) in bench.heard) is to_the_end

    run(scenario)


def test_a_loudspeaker_that_asks_for_nothing_more_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("trunkline.devices.headset._MOST_HELD_SECONDS", 0.0)

    async def scenario() -> None:
        bench = Bench()
        task = asyncio.create_task(bench.headset.run(to_the_end=True))
        await bench.until(lambda: bench.sink.fill is not None)
        await bench.give(delta("a"))
        bench.line.queue.put_nowait(None)
        async with asyncio.timeout(5):
            await task

    run(scenario)


@pytest.mark.parametrize("place", ["line", "source"])
def test_a_failure_of_either_side_is_raised_once_both_devices_are_closed(place: str):
    failure = LineFailed("no", "call", []) if place == "line" else MediaError("microphone", "gone")

    async def scenario() -> None:
        bench = Bench()
        async with running(bench) as task:
            (bench.line if place == "line" else bench.source).queue.put_nowait(failure)
            with pytest.raises(type(failure)):
                await task
        assert (bench.source.closings, bench.sink.closings) == (1, 1)

    run(scenario)


def test_a_line_that_has_ended_is_told_by_its_own_failure_not_by_the_microphones():
    async def scenario() -> None:
        bench = Bench()
        async with running(bench) as task:
            bench.line.refusal = LocalError("sending", "failed")
            bench.source.queue.put_nowait(Block(BLOCK, 0.0))
            await bench.until(bench.source.queue.empty)
            bench.line.queue.put_nowait(LineFailed("no", "call", []))
            with pytest.raises(LineFailed):
                await task

    run(scenario)


def test_cancelled_it_closes_both_devices():
    async def scenario() -> None:
        bench = Bench()
        async with running(bench) as task:
            task.cancel()
            await asyncio.wait([task])
            assert (bench.source.closings, bench.sink.closings) == (1, 1)

    run(scenario)


def test_a_loudspeaker_that_cannot_be_had_leaves_no_microphone_open():
    async def scenario() -> None:
        bench = Bench(sink=HandSink(MediaError("speaker", "there is none")))
        with pytest.raises(MediaError, match="there is none"):
            await bench.headset.run()
        assert bench.source.closings == 1

    run(scenario)


@pytest.mark.parametrize(
    ("device", "change", "is_lost"),
    [
        ("speaker", Change.LOST, True),
        ("speaker", Change.STALLED, True),
        ("speaker", Change.RETURNED, False),
        ("microphone", Change.LOST, False),
    ],
)
def test_what_a_loudspeaker_that_is_gone_held_is_not_waited_for(device, change, is_lost: bool):
    async def scenario() -> None:
        bench = Bench()
        async with running(bench):
            over = events.AudioDone(response_id="r", item_id="a")
            await bench.give(created(), delta("a", BLOCK_SAMPLES), over, done())
            now = time.monotonic()
            bench.sink.fill(2 * BLOCK_SAMPLES, now + 60.0)
            await bench.until(lambda: ["a", BLOCK_SAMPLES] in bench.line.of("played"))
            bench.headset.notice(Notice(device, "USB", change, now))
            assert bench.headset.is_quiet == is_lost

    run(scenario)
