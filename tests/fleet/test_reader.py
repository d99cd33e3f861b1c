"""The reader of all processes: their coming and going, their answers, and what is watched."""

from __future__ import annotations

import contextlib
import logging
import selectors

import pytest

from fleet.hand import Witness, began, heard, life, moved, said, stamped
from fleet.places import runtime_directory
from trunkline.fleet import reader as module
from trunkline.fleet.finder import Finder
from trunkline.fleet.framing import Kind, pack
from trunkline.fleet.part import Hearing
from trunkline.fleet.publisher import Publisher
from trunkline.fleet.reader import FleetReader
from trunkline.fleet.telemetry import Telemetry
from trunkline.telemetry.frames import Ended, Heard


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture
def place(monkeypatch):
    monkeypatch.setattr(module.time, "monotonic", Clock())
    with runtime_directory() as path:
        yield path


@contextlib.contextmanager
def process(place, name: str, **options):
    telemetry = Telemetry(Publisher(directory=place, **options), name=name)
    with moved(telemetry) as turn:
        yield telemetry, turn


@contextlib.contextmanager
def console(place):
    witness = Witness()
    reader = FleetReader(Finder(place), witness)
    with moved(reader) as turn:
        yield reader, witness, turn


def turns(*each, times: int = 4) -> None:
    for _ in range(times):
        for turn in each:
            turn()


def test_the_lines_of_all_processes_are_one_fleet(place):
    with (
        process(place, "a") as (first, one),
        process(place, "b") as (second, two),
        console(place) as (reader, witness, look),
    ):
        first.give(stamped(*life("a")))
        turns(look, one, two)
        second.give(stamped(*life("b")))
        turns(look, one, two)
        assert reader.processes == 2
        assert [one.line for one in witness.adopted] == ["a"]
        assert witness.frames == life("b")
        assert reader.attachment("a").address.name == "a"
        assert reader.attachment("b").address.name == "b"
        assert reader.attachment("c") is None


def test_a_process_that_went_leaves_its_lines_marked_as_gone_and_another_may_come(place):
    with console(place) as (reader, witness, look):
        with process(place, "a") as (first, one):
            first.give(stamped(*life("a")))
            turns(look, one)
        turns(look)
        (gone,) = [frame for frame in witness.frames if isinstance(frame, Ended)]
        assert (gone.line, gone.gone) == ("a", True)
        assert reader.processes == 0
        with process(place, "a") as (again, one):
            again.give(stamped(*life("a2")))
            turns(look, one)
            assert reader.processes == 1
            assert [one.line for one in witness.adopted] == ["a", "a2"]


def test_a_process_that_speaks_nonsense_is_left_and_the_others_are_read(place, caplog):
    with (
        process(place, "mad") as (mad, one),
        process(place, "sane") as (sane, two),
        console(place) as (reader, witness, look),
    ):
        turns(look, one, two)
        (visitor,) = mad._parts[0]._visitors
        visitor.send(b"\xff" * 100)
        with caplog.at_level(logging.WARNING, "trunkline"):
            turns(one, look, times=1)
        assert "mad is not understood" in reader.news()
        assert "mad is not understood" in caplog.text
        sane.give(stamped(*life("b")))
        turns(two, look)
        assert witness.frames == life("b")


def test_the_process_of_the_watched_line_is_told_and_no_other(place):
    with (
        process(place, "a") as (first, one),
        process(place, "b") as (second, two),
        console(place) as (_, witness, look),
    ):
        first.give(stamped(*life("a")))
        second.give(stamped(*life("b")))
        turns(look, one, two)
        witness.watching = frozenset({"a"})
        turns(look, one, two)
        assert (first.watched(), second.watched()) == (frozenset({"a"}), frozenset())
        witness.watching = frozenset({"b"})
        turns(look, one, two)
        assert (first.watched(), second.watched()) == (frozenset(), frozenset({"b"}))


def test_a_line_that_is_watched_before_it_is_known_is_watched_once_it_comes(place):
    with process(place, "a") as (first, one), console(place) as (_, witness, look):
        witness.watching = frozenset({"a"})
        turns(look, one)
        first.give(stamped(*life("a")))
        turns(look, one)
        assert first.watched() == {"a"}


def test_wishes_are_answered_or_it_is_said_why_not(place, monkeypatch):
    with process(place, "a") as (first, one), console(place) as (reader, _, look):
        first.give(stamped(*life("a")))
        turns(look, one)
        assert reader.news() is None
        reader.ask("a", {"ask": "close"})
        reader.ask("nobody", {"ask": "drain"})
        turns(look, one)
        assert [reader.news(), reader.news(), reader.news()] == [
            "drain: its process is gone",
            "refused: this process takes no wishes",
            None,
        ]
        monkeypatch.setattr(reader.attachment("a"), "ask", lambda _request: False)
        reader.ask("a", {"ask": "close"})
        turns(look, one)
        assert reader.news() == "close: its process does not answer"


def test_what_a_slow_console_lost_is_news(place):
    with process(place, "a") as (first, one), console(place) as (reader, _, look):
        turns(look, one)
        first._parts[0]._visitors[0].send(pack(Kind.NOTE, 0.0, b'{"lost":12}'))
        turns(one, look)
        assert reader.news() == "a: 12 facts were lost, this console was too slow"


def test_a_wake_up_for_nothing_is_no_end(place):
    with process(place, "a") as (first, one), console(place) as (reader, witness, look):
        first.give(stamped(began("a")))
        turns(look, one)
        (attached,) = reader._attached.values()
        reader._ready(attached, selectors.EVENT_READ)
        first.give(stamped(said("a", 101.0, "x")))
        turns(one, look)
        assert reader.processes == 1
        assert witness.frames == [said("a", 101.0, "x")]


@pytest.mark.parametrize("hears", list(Hearing))
def test_a_reader_asks_for_the_audio_that_its_parts_want(place, hears: Hearing):
    with process(place, "one", audio=True) as (telemetry, publish), console(place) as found:
        _, witness, turn = found
        witness.hears = hears
        telemetry.give(stamped(*life("a"), *life("b")))
        turns(publish, turn)
        witness.watching = frozenset({"a"})
        turns(publish, turn)
        telemetry.give(stamped(heard("a", 101.0, b"aa"), heard("b", 101.0, b"bb")))
        turns(publish, turn)
        pieces = [one.pcm for one in witness.frames if isinstance(one, Heard)]
        assert sorted(pieces) == [[], [b"aa"], [b"aa", b"bb"]][hears]


def test_a_recorder_of_audio_looks_at_no_line_and_hears_all(place):
    with process(place, "one", audio=True) as (telemetry, publish), console(place) as found:
        _, witness, turn = found
        witness.hears = Hearing.ALL
        turns(publish, turn)
        telemetry.give(stamped(*life("a"), heard("a", 101.0, b"aa")))
        turns(publish, turn)
        assert [one.pcm for one in witness.frames if isinstance(one, Heard)] == [b"aa"]
