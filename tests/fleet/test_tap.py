"""What sits at a line: frames of its facts with their times, its end, its quiet, its wishes."""

from __future__ import annotations

import asyncio
from base64 import b64encode

import pytest

from fleet.hand import Loop
from trunkline.fleet import tap as module
from trunkline.fleet.intake import Held, Intake, one_by_one
from trunkline.fleet.tap import Look, Tap
from trunkline.fleet.wishes import Wish
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import (
    Anomaly,
    AudioAccepted,
    Direction,
    MessagePassed,
    Milestone,
    MilestoneKind,
    QueueSampled,
    SettingsConfirmed,
    Suspended,
    Transition,
)
from trunkline.telemetry.batch import BATCH_SECONDS
from trunkline.telemetry.frames import Beat, Began, Ended, Heard, Inspected, Told

WALL = 1_790_000_000.0


@pytest.fixture(autouse=True)
def wall(monkeypatch):
    monkeypatch.setattr(module.time, "time", lambda: WALL)


class Line:
    def __init__(self) -> None:
        self.measured: list[bool] = []

    def measure(self, on: bool) -> None:
        self.measured.append(on)


def tapped(loop: Loop, line: object = None, **more) -> tuple[Tap, Intake]:
    intake = Intake()
    return Tap(line or Line(), loop, intake=intake, **more), intake


def over(at: float, state: State = State.CLOSED) -> Transition:
    return Transition(at=at, epoch=1, source=State.LIVE, target=state, cause="test")


def accepted(at: float) -> AudioAccepted:
    return AudioAccepted(at=at, epoch=1, samples=480)


def test_a_line_is_introduced_at_once_and_its_key_is_its_own():
    loop = Loop(100.0)
    tap, intake = tapped(loop, name="kiosk", server="host", rate_hz=8000, process="bot 1")
    other, _ = tapped(loop)
    ((at, began),) = intake.take()
    assert at == WALL
    assert began == Began(
        line=tap.key,
        at=100.0,
        wall_offset=WALL - 100.0,
        name="kiosk",
        server="host",
        process="bot 1",
        rate_hz=8000,
    )
    assert tap.key != other.key


def test_a_line_without_a_name_gets_one():
    _, intake = tapped(Loop())
    assert intake.take()[0].frame.name.startswith("line-")


def test_rare_facts_go_at_once_and_frequent_ones_in_the_beat_each_with_its_unix_time():
    loop = Loop(100.0)
    tap, intake = tapped(loop, look=Look(looked=True))
    intake.take()
    fact = Anomaly(at=100.2, epoch=1, kind="k", sample="s")
    tap(accepted(100.1))
    tap(fact)
    ((at, frame),) = intake.take()
    assert (at, frame) == (pytest.approx(WALL + 0.2), Told(line=tap.key, fact=fact))
    tap(accepted(100.6))
    ((at, sent),) = intake.take()
    assert isinstance(sent, Beat)
    assert sent.at == 100.5
    assert at == pytest.approx(WALL + 0.5)


@pytest.mark.parametrize("state", [State.CLOSED, State.FAILED])
def test_the_end_of_a_line_is_told_after_everything_else_of_it(state: State):
    loop = Loop(100.0)
    tap, intake = tapped(loop)
    tap(accepted(100.1))
    tap(over(100.2, state))
    last = Anomaly(at=100.2, epoch=1, kind="last", sample="")
    tap(last)
    assert not tap.is_over()
    loop.now = 100.3
    loop.turn()
    frames = [one.frame for one in intake.take()]
    assert sum(isinstance(one, Beat) for one in frames) == 1
    assert frames[-1] == Ended(line=tap.key, at=100.3)
    assert Told(line=tap.key, fact=last) in frames
    assert tap.is_over()
    loop.turn()
    assert intake.take() == []


def test_a_loop_that_was_closed_under_its_line_ends_it():
    loop = Loop(100.0)
    tap, intake = tapped(loop)
    assert not tap.is_over()
    loop.closed = True
    assert tap.is_over()
    assert intake.take()[-1].frame == Ended(line=tap.key, at=100.0)
    assert not tap.wish(Wish("a", "close", print))
    tap.look(Look(watched=True, measured=True))


def test_a_line_beats_once_a_second_twice_while_somebody_looks_and_ten_times_while_it_is_watched():
    loop = Loop(100.0)
    tap, intake = tapped(loop)

    def beats(start: float) -> int:
        intake.take()
        for n in range(41):
            tap(accepted(start + 0.01 + n / 40))
        return sum(isinstance(one.frame, Beat) for one in intake.take())

    assert beats(100.0) == 1
    tap.look(Look(looked=True))
    loop.turn()
    tap(accepted(101.6))
    assert beats(102.0) == 2 + 1
    tap.look(Look(watched=True, measured=True))
    loop.turn()
    tap(accepted(103.6))
    assert beats(104.0) == 10 + 1
    tap.look(Look(watched=True, measured=True))
    tap.look(Look(looked=False, measured=True))
    loop.turn()
    tap(accepted(105.6))
    assert beats(106.0) == 1 + 1


def sampled(at: float) -> QueueSampled:
    return QueueSampled(at=at, epoch=1, outbox_samples=0, retained_samples=0, transport_bytes=0)


def seconds(tap: Tap, start: int, count: int) -> None:
    """Seconds that are alike."""
    for second in range(start, start + count):
        tap(sampled(second + 0.5))


def test_seconds_that_are_alike_wait_for_each_other_while_nobody_would_notice():
    loop = Loop(100.0)
    tap, intake = tapped(loop, look=Look(held=True))
    intake.take()
    seconds(tap, 100, 12)
    held = [one for one in intake.take() if isinstance(one, Held)]
    assert [len(one.batch) for one in held] == [1, BATCH_SECONDS]
    assert {one.wall_offset for one in held} == {WALL - 100.0}
    assert {one.batch.line for one in held} == {tap.key}


def test_who_begins_to_look_gets_what_was_held_back_and_then_each_second():
    loop = Loop(100.0)
    tap, intake = tapped(loop, look=Look(held=True))
    intake.take()
    seconds(tap, 102, 4)
    assert [len(one.batch) for one in intake.take()] == []
    tap.look(Look(looked=True))
    loop.turn()
    assert [len(one.batch) for one in intake.take()] == [3]
    seconds(tap, 106, 2)
    assert {type(one.frame) for one in intake.take()} == {Beat}


def test_the_end_of_a_line_hands_on_what_was_held_back():
    loop = Loop(100.0)
    tap, intake = tapped(loop, look=Look(held=True))
    intake.take()
    seconds(tap, 102, 4)
    loop.closed = True
    assert tap.is_over()
    told = [type(one.frame) for one in one_by_one(intake.take())]
    assert told == [Beat] * 4 + [Ended]


def test_a_line_that_became_quiet_tells_what_it_had_summed_and_is_left_alone_then():
    loop = Loop(100.0)
    tap, intake = tapped(loop)
    tap(accepted(100.1))
    intake.take()
    loop.now = 101.5
    tap.nudge()
    loop.turn()
    assert intake.take() == []
    loop.now = 101.7
    tap.nudge()
    loop.turn()
    ((_, sent),) = intake.take()
    assert (type(sent), sent.at) == (Beat, 101.7)
    loop.now = 103.0
    tap.nudge()
    loop.turn()
    assert intake.take() == []


def test_a_machine_that_slept_gives_the_line_another_clock(monkeypatch):
    loop = Loop(100.0)
    tap, intake = tapped(loop)
    intake.take()
    loop.now = 110.0
    monkeypatch.setattr(module.time, "time", lambda: WALL + 3610.0)
    tap(Suspended(at=110.0, epoch=1, gap=3600.0))
    told, began = intake.take()
    assert isinstance(told.frame, Told)
    assert began.frame.wall_offset == WALL + 3500.0
    assert (began.frame.at, began.at) == (100.0, WALL + 3600.0)
    tap(Anomaly(at=111.0, epoch=1, kind="k", sample=""))
    assert intake.take()[-1].at == WALL + 3611.0


def test_what_costs_something_is_measured_only_while_somebody_looks():
    line, loop = Line(), Loop(100.0)
    tap, _ = tapped(loop, line)
    for watched, measured in ((False, False), (False, True), (True, True), (True, True)):
        tap.look(Look(watched=watched, measured=measured))
        loop.turn()
    assert line.measured == [True]
    tap.look(Look(watched=False, measured=False))
    loop.turn()
    assert line.measured == [True, False]


def test_who_looks_from_the_beginning_misses_nothing():
    line, loop = Line(), Loop(100.0)
    tap, intake = tapped(loop, line, look=Look(measured=True, inspected=True, watched=True))
    assert line.measured == [True]
    tap(passed(100.2))
    assert isinstance(intake.take()[-1].frame, Inspected)
    tap.look(Look(measured=True, inspected=True, watched=True))
    loop.turn()
    assert line.measured == [True]


def passed(at: float, kind: str = "session.update") -> MessagePassed:
    return MessagePassed(
        at=at, epoch=1, direction=Direction.UP, type=kind, size_bytes=2, message=b"{}"
    )


def test_messages_are_inspected_only_while_somebody_wants_them_and_numbered_on():
    loop = Loop(100.0)
    tap, intake = tapped(loop)

    def entries() -> list[int]:
        return [one.frame.entry.number for one in intake.take() if isinstance(one.frame, Inspected)]

    tap(passed(100.1))
    assert entries() == []
    tap.look(Look(inspected=True))
    loop.turn()
    tap(passed(100.2))
    tap(passed(100.5, "response.create"))
    assert entries() == [1, 2]
    loop.now = 100.6
    tap.look(Look())
    loop.turn()
    tap(passed(100.9))
    tap.look(Look(inspected=True))
    loop.turn()
    tap(passed(101.5))
    assert entries() == [3]


def test_a_wish_reaches_the_line_in_its_loop_and_what_it_begins_is_held_on_to():
    answers: list[str] = []

    class Draining(Line):
        async def drain(self) -> None:
            await asyncio.sleep(0)
            answers.append("drained")

    async def scenario():
        tap = Tap(Draining(), asyncio.get_running_loop(), intake=Intake())
        assert tap.wish(Wish(tap.key, "drain", answers.append))
        for _ in range(4):
            await asyncio.sleep(0)

    asyncio.run(scenario())
    assert answers == ["closing after the answer that is being given", "drained"]


def said(at: float, pcm: bytes) -> MessagePassed:
    message = b'{"type":"input_audio_buffer.append","audio":"%s"}' % b64encode(pcm)
    kind = "input_audio_buffer.append"
    return MessagePassed(
        at=at, epoch=1, direction=Direction.UP, type=kind, size_bytes=9, message=message
    )


def began_to_speak(at: float) -> Milestone:
    return Milestone(at=at, epoch=1, kind=MilestoneKind.SPEECH_STARTED)


def test_audio_is_told_only_while_it_is_to_be_kept():
    loop = Loop(100.0)
    tap, intake = tapped(loop, rate_hz=8_000)

    def heard() -> bytes:
        return b"".join(one.frame.pcm for one in intake.take() if isinstance(one.frame, Heard))

    tap(said(100.1, bytes(3200)))
    tap.look(Look(looked=True, measured=True, inspected=True, watched=True))
    loop.turn()
    tap(said(100.3, bytes(3200)))
    assert heard() == b""
    tap.look(Look(heard=True))
    loop.turn()
    tap(said(100.5, b"ab" * 1600))
    assert heard() == b"ab" * 1600
    tap(said(100.52, b"cd" * 160))
    tap.look(Look())
    loop.turn()
    assert heard() == b"cd" * 160
    tap(said(100.9, bytes(3200)))
    assert heard() == b""


def test_who_looks_late_counts_turns_as_everybody_does_and_knows_how_audio_is_written():
    loop = Loop(100.0)
    tap, intake = tapped(loop, rate_hz=8_000)
    form = '{"audio":{"input":{"format":{"type":"audio/pcmu"}}}}'
    tap(SettingsConfirmed(at=100.0, epoch=1, settings=form))
    for at in (100.1, 100.2, 100.3):
        tap(began_to_speak(at))
    tap.look(Look(inspected=True, heard=True))
    loop.turn()
    intake.take()
    tap(said(100.5, bytes(1600)))
    loop.now = 100.6
    tap.nudge()
    tap._flush()
    frames = [one.frame for one in intake.take()]
    (piece,) = (one for one in frames if isinstance(one, Heard))
    entries = [one.entry for one in frames if isinstance(one, Inspected)]
    assert (piece.turn, len(piece.pcm)) == (3, 3200)
    assert {entry.turn for entry in entries} == {3}
    assert entries[-1].audio_ms is None or "PCMU" in entries[-1].detail


def test_what_waits_to_be_a_whole_piece_is_told_at_the_end():
    loop = Loop(100.0)
    tap, intake = tapped(loop, look=Look(heard=True))
    tap(said(100.1, b"ab" * 10))
    tap(over(100.2))
    loop.turn()
    frames = [one.frame for one in intake.take()]
    assert [one.pcm for one in frames if isinstance(one, Heard)] == [b"ab" * 10]
    assert isinstance(frames[-1], Ended)
