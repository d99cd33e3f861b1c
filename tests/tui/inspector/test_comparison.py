from __future__ import annotations

from trunkline.telemetry.entry import Way
from trunkline.telemetry.snapshot import Turn
from trunkline.text import Clean
from trunkline.tui.inspector.comparison import Pair, compare_lines, compare_turns
from tui.filter.things import row
from tui.inspector.streams import audio, entry


def of_turn(number, *, first_audio=1.4, count=43, extra=()):
    down = {"way": Way.DOWN, "turn": number}
    return (
        entry(1, "input_audio_buffer.speech_stopped", at=1.0, **down),
        entry(2, "response.created", at=1.1, **down),
        audio(3, at=1.0 + first_audio, turn=number, count=count, audio_ms=4180.0),
        *extra,
        entry(9, "response.done", at=6.0, **down),
    )


def pairs(comparison):
    return {pair.name: pair for pair in comparison.pairs}


def test_figures_of_two_turns_stand_side_by_side():
    left = Turn(number=30, at=0.0, first_audio_ms=940.0, user_s=3.4, status=Clean("completed"))
    right = Turn(number=31, at=9.0, first_audio_ms=1420.0, user_s=3.5, status=Clean("cancelled"))
    found = compare_turns((30, 31), ((), ()), (left, right))
    assert (found.left, found.right) == ("turn 30", "turn 31")
    assert pairs(found)["first audio"] == Pair("first audio", "940 ms", "1420 ms", True, "+480 ms")
    assert pairs(found)["user spoke"].differs is False
    assert pairs(found)["status"] == Pair("status", "completed", "cancelled", True)
    assert "cut at" not in pairs(found)
    assert found.differences == 2


def test_ladders_are_compared_message_by_message():
    late = of_turn(31, first_audio=2.2, extra=(entry(8, "error", at=3.0, way=Way.DOWN, turn=31),))
    found = pairs(compare_turns((30, 31), (of_turn(30), late)))
    assert found["↓ audio.delta"] == Pair(
        "↓ audio.delta", "+1400 ms ×43  4180 ms", "+2200 ms ×43  4180 ms", True, "+800 ms"
    )
    assert found["↓ created"].differs is False
    assert found["↓ error"] == Pair("↓ error", "never", "+2000 ms", True)


def test_a_turn_that_nobody_knows_any_more_is_compared_by_what_is_left():
    found = compare_turns(
        (30, 31), ((), of_turn(31)), (None, Turn(number=31, at=0.0, gap_ms=640.0))
    )
    assert pairs(found)["turn gap"] == Pair("turn gap", "-", "640 ms", True)
    assert all(pair.left in ("-", "never") for pair in found.pairs)


def test_two_lines_of_a_fleet():
    found = compare_lines(
        row(name=Clean("a"), rtt_ms=40.0, score=97.0, state=Clean("live")),
        row(name=Clean("b"), rtt_ms=391.0, score=96.6, state=Clean("live"), availability=0.98),
    )
    assert (found.left, found.right) == ("a", "b")
    assert pairs(found)["round trip"] == Pair("round trip", "40 ms", "391 ms", True, "+351 ms")
    assert pairs(found)["score"].differs is False
    assert pairs(found)["availability"] == Pair("availability", "-", "98.0 %", True)
    assert pairs(found)["state"].differs is False


def test_a_falling_figure_says_so():
    found = compare_lines(row(rtt_ms=391.0), row(rtt_ms=40.0))
    assert pairs(found)["round trip"].difference == "-351 ms"


def test_an_answer_that_is_shorter_differs_and_so_does_an_error():
    short = (audio(3, at=2.4, turn=31, audio_ms=900.0, count=9), *of_turn(31)[:2])
    found = pairs(compare_turns((30, 31), (of_turn(30), short)))
    assert found["↓ audio.delta"].differs
    before = (entry(0, "input_audio_buffer.append", at=0.5, way=Way.UP, turn=31), *of_turn(31))
    same = compare_turns((31, 31), (before, before))
    assert same.differences == 0
