"""A device that is lost, stalls and comes back, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from devices.soundlib import NOT_THERE, as_seen, device
from devices.watching import Stand
from trunkline.devices import portaudio
from trunkline.devices.listing import Direction
from trunkline.devices.watch import Watch
from trunkline.errors import MediaError


@pytest.fixture
def stand(monkeypatch):
    return Stand(monkeypatch)


def watch(stand, direction=Direction.INPUT, wanted=None):
    return Watch(direction, wanted, lambda _form: lambda *_: None, stand.notices.append)


def test_a_device_that_works_is_opened_and_nothing_else_is_told(stand):
    async def run():
        one = watch(stand)
        assert one.name == "microphone"
        await one.open()
        await stand.play(5)
        await one.close()
        return one.name

    assert stand.run(run()) == "Mic"
    assert stand.told == [("microphone", "opened")]
    assert stand.opened.closed


def test_a_device_that_cannot_be_had_at_first_is_an_error(stand):
    stand.library.refusals.append(lambda _: NOT_THERE)

    async def run():
        one = watch(stand)
        with pytest.raises(MediaError, match="in use by another program"):
            await one.open()
        await one.close()

    stand.run(run())
    assert stand.notices == []


def test_a_device_that_goes_is_looked_for_ever_more_rarely_until_it_is_back(stand):
    attempts = []

    async def run():
        one = watch(stand, wanted="mic")
        await one.open()
        await stand.play(1)
        lost_at = stand.now()
        stand.library.plugged = [each for each in stand.library.plugged if each["name"] != "Mic"]
        stand.library.refusals.append(lambda _: attempts.append(stand.now() - lost_at) or NOT_THERE)
        stand.opened.end()
        await asyncio.sleep(6.5)
        stand.library.refusals.clear()
        stand.library.plugged.insert(0, device("Mic", inputs=1))
        count = len(stand.library.streams)
        while len(stand.library.streams) == count:
            await asyncio.sleep(0.01)
        back = stand.now() - lost_at
        await stand.play(0.5)
        await one.close()
        return back

    back = stand.run(run())
    assert stand.changes == ["opened", "lost", "returned"]
    lost, returned = stand.notices[1:]
    assert lost.at == pytest.approx(returned.at - back, abs=0.25)
    assert [round(each, 2) for each in attempts] == [0.0, 0.25, 0.75, 1.75, 3.75, 5.75]
    assert back == pytest.approx(7.75, abs=0.05)


def test_a_device_that_stands_still_is_told_and_a_stall_that_ends_by_itself_as_well(stand):
    async def run():
        one = watch(stand)
        await one.open()
        await stand.play(1)
        stalled = stand.now()
        await asyncio.sleep(0.4)
        await stand.play(1)
        await one.close()
        return stalled

    stalled = stand.run(run())
    assert stand.changes == ["opened", "stalled", "returned"]
    assert 0.1 <= stand.notices[1].at - stalled <= 0.16
    assert "is it suspended" in stand.notices[1].detail
    assert len(stand.library.streams) == 1


def test_a_device_that_pauses_as_it_begins_is_given_half_a_second(stand):
    async def run():
        one, two = watch(stand), watch(stand)
        await one.open()
        stand.beat()
        await asyncio.sleep(0.4)
        await stand.play(1)
        await one.close()
        assert stand.changes == ["opened"]
        await two.open()
        await asyncio.sleep(0.6)
        await two.close()

    stand.run(run())
    assert stand.changes == ["opened", "opened", "stalled"]


def test_a_device_that_goes_on_standing_still_is_opened_anew_and_waited_for(stand):
    async def run():
        one = watch(stand, Direction.OUTPUT)
        await one.open()
        await stand.play(1)
        await asyncio.sleep(1.2)
        # It takes what fills its buffer, and stands still again.
        for _ in range(3):
            stand.beat()
        await asyncio.sleep(1.0)
        assert stand.changes == ["opened", "stalled"]
        assert len(stand.library.streams) == 2
        await stand.play(1)
        await one.close()

    stand.run(run())
    assert stand.told == [("speaker", each) for each in ("opened", "stalled", "returned")]
    assert stand.library.streams[0].closed


def test_a_stall_that_turns_out_to_be_a_loss_is_told_as_one(stand):
    async def run():
        one = watch(stand)
        await one.open()
        await stand.play(1)
        stand.library.refusals.append(lambda _: NOT_THERE)
        await asyncio.sleep(2)
        stand.library.refusals.clear()
        await asyncio.sleep(2)
        await stand.play(0.5)
        await one.close()

    stand.run(run())
    assert stand.changes == ["opened", "stalled", "lost", "returned"]
    assert "in use by another program" in stand.notices[2].detail


def test_a_loop_that_was_held_up_does_not_take_its_own_silence_for_the_devices(stand):
    async def run():
        one = watch(stand)
        await one.open()
        for _ in range(5):
            await stand.play(0.5)
            # Whoever holds the interpreter holds up both threads.
            stand.loop.clock += 0.9
            await asyncio.sleep(0)
            for _ in range(45):
                stand.beat()
        await stand.play(0.5)
        await one.close()

    stand.run(run())
    assert stand.changes == ["opened"]


def test_calls_that_come_in_bunches_are_no_stall(stand):
    async def run():
        one = watch(stand)
        await one.open()
        for _ in range(40):
            await asyncio.sleep(0.08)
            for _ in range(4):
                stand.beat()
        await one.close()

    stand.run(run())
    assert stand.changes == ["opened"]


def test_a_stream_that_was_interrupted_for_another_device_comes_back_without_a_word(stand):
    async def run():
        one = watch(stand)
        await one.open()
        await stand.play(1)
        portaudio._begin_anew()
        await asyncio.sleep(0.01)
        assert len(stand.library.streams) == 2
        await stand.play(1)
        await one.close()

    stand.run(run())
    assert stand.changes == ["opened"]


def test_one_that_was_interrupted_and_cannot_be_opened_again_is_lost(stand):
    async def run():
        one = watch(stand)
        await one.open()
        await stand.play(1)
        stand.library.refusals.append(lambda _: NOT_THERE)
        portaudio._begin_anew()
        await asyncio.sleep(1)
        stand.library.refusals.clear()
        await asyncio.sleep(1)
        await stand.play(0.5)
        await one.close()

    stand.run(run())
    assert stand.changes == ["opened", "lost", "returned"]


def test_one_that_was_interrupted_and_stands_still_then_is_told(stand):
    async def run():
        one = watch(stand)
        await one.open()
        await stand.play(1)
        portaudio._begin_anew()
        await asyncio.sleep(3)
        await stand.play(0.5)
        await one.close()

    stand.run(run())
    assert stand.changes == ["opened", "stalled", "returned"]


def test_what_was_chosen_by_a_part_of_its_name_is_looked_for_by_all_of_it(stand):
    stand.library.plugged = [device("Mic A", inputs=1), device("Box", outputs=1)]
    stand.library._initialize()

    async def run():
        one = watch(stand, wanted="mic")
        await one.open()
        await stand.play(1)
        stand.library.plugged = [device("Mic B", inputs=1)]
        stand.library.refusals.append(lambda _: NOT_THERE)
        stand.opened.end()
        await asyncio.sleep(0.01)
        stand.library.refusals.clear()
        await asyncio.sleep(5)
        await one.close()
        return one.name

    assert stand.run(run()) == "Mic A"
    assert stand.changes == ["opened", "lost"]


def test_a_default_that_goes_is_followed_by_the_next_default(stand):
    stand.library.plugged = [device("Headset", inputs=1), device("Built-in", inputs=1)]
    stand.library._initialize()

    async def run():
        one = watch(stand)
        await one.open()
        await stand.play(1)
        stand.library.plugged.pop(0)
        refusals = iter([NOT_THERE])
        stand.library.refusals.append(lambda _: next(refusals, None))
        stand.opened.end()
        await asyncio.sleep(0.01)
        await stand.play(1)
        await one.close()
        return one.name

    assert stand.run(run()) == "Built-in"
    assert [each.name for each in stand.notices] == ["Headset", "Headset", "Built-in"]


def test_two_devices_that_go_together_come_back_together(stand):
    async def run():
        mic, box = watch(stand), watch(stand, Direction.OUTPUT)
        await mic.open()
        await box.open()
        stand.library.plugged, kept = [], stand.library.plugged
        stand.library.refusals.append(lambda _: NOT_THERE)
        for each in stand.library.streams:
            each.end()
        await asyncio.sleep(1.0)
        stand.library.plugged = kept
        stand.library.refusals.clear()
        for _ in range(150):
            await asyncio.sleep(0.02)
            for each in stand.library.streams:
                if not each.closed:
                    stand.beat_of(each)
        begun = stand.library.begun
        await mic.close()
        await box.close()
        return begun, [each.closed for each in stand.library.streams]

    begun, closed = stand.run(run())
    for kind in ("microphone", "speaker"):
        assert [what for who, what in stand.told if who == kind] == ["opened", "lost", "returned"]
    # The one that opened first was not interrupted for the other.
    assert len(closed) == 4
    assert all(closed)
    assert begun <= 5


def test_a_device_that_works_is_only_interrupted_when_the_lost_one_is_there_again(
    stand, monkeypatch
):
    seen = []

    def sees():
        seen.append(stand.now())
        return as_seen(stand.library)

    monkeypatch.setattr(portaudio, "_seen_by_a_process", sees)
    monkeypatch.setattr(portaudio, "_listed_at", stand.now())

    async def run():
        mic, box = watch(stand, wanted="mic"), watch(stand, Direction.OUTPUT)
        await mic.open()
        await box.open()
        lost, working = stand.library.streams
        stand.library.refusals.append(lambda each: NOT_THERE if each["device"] == 0 else None)
        gone = stand.library.plugged.pop(0)
        lost.end()
        for number in range(350):
            await asyncio.sleep(0.02)
            if number == 200:
                assert not working.closed
                stand.library.refusals.clear()
                # Where it was plugged in, it is another device for the system.
                stand.library.plugged.append(gone)
            for each in stand.library.streams:
                if not each.closed:
                    stand.beat_of(each)
        await mic.close()
        await box.close()

    stand.run(run())
    assert [what for who, what in stand.told if who == "speaker"] == ["opened"]
    assert [what for who, what in stand.told if who == "microphone"] == [
        "opened",
        "lost",
        "returned",
    ]
    assert len(seen) >= 3


def test_whoever_is_told_may_fail_without_ending_the_watch(stand):
    failures, told = [], []

    def tell(notice):
        told.append(notice.change.value)
        raise RuntimeError("a bad listener")

    async def run():
        stand.loop.set_exception_handler(lambda _loop, context: failures.append(context))
        one = Watch(Direction.INPUT, None, lambda _form: lambda *_: None, tell)
        await one.open()
        await stand.play(1)
        stand.opened.end()
        await asyncio.sleep(0.01)
        await stand.play(1)
        await one.close()

    stand.run(run())
    assert told == ["opened", "lost", "returned"]
    assert len(failures) == 3


def test_a_fault_of_the_watch_itself_is_told_at_once(stand, monkeypatch):
    failures = []

    async def run():
        stand.loop.set_exception_handler(lambda _loop, context: failures.append(context))
        one = watch(stand)
        await one.open()
        await stand.play(1)

        async def fault(_call, *_):
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(portaudio, "errand", fault)
            stand.opened.end()
            await asyncio.sleep(0.1)
        await one.close()

    stand.run(run())
    assert failures[0]["message"] == "Mic is no longer watched"
    assert type(failures[0]["exception"]) is ZeroDivisionError


def test_nobody_need_be_told(stand):
    async def run():
        one = Watch(Direction.INPUT, None, lambda _form: lambda *_: None, None)
        await one.open()
        await one.close()
        await one.close()

    stand.run(run())


def test_an_opening_that_is_cancelled_leaves_nothing_open(stand, monkeypatch):
    abandoned = []

    async def never(_call, *_):
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(portaudio, "errand", never)
    monkeypatch.setattr(
        "trunkline.devices.stream.Stream.abandon", lambda _stream: abandoned.append(1)
    )

    async def run():
        task = asyncio.create_task(watch(stand).open())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    stand.run(run())
    assert len(abandoned) == 1


def test_an_opening_that_hangs_is_an_error_after_ten_seconds(stand, monkeypatch):
    abandoned = []

    async def never(_call, *_):
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(portaudio, "errand", never)
    monkeypatch.setattr(
        "trunkline.devices.stream.Stream.abandon", lambda _stream: abandoned.append(stand.now())
    )

    async def run():
        begin = stand.now()
        with pytest.raises(MediaError, match="microphone: the system's sound does not answer"):
            await watch(stand).open()
        return begin

    begin = stand.run(run())
    assert abandoned == [pytest.approx(begin + 10)]


def test_a_system_that_hangs_in_closing_is_left_to_it_after_a_second(stand, monkeypatch):
    async def run():
        one = watch(stand)
        await one.open()

        async def never(_call, *_):
            await asyncio.get_running_loop().create_future()

        monkeypatch.setattr(portaudio, "errand", never)
        begin = stand.now()
        await one.close()
        return stand.now() - begin

    assert stand.run(run()) == pytest.approx(1.0, abs=0.01)
