"""A publisher over real sockets, its turns made by hand."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
from types import SimpleNamespace

import pytest

from fleet.hand import WALL, Loop, began, heard, life, moved, said, stamped
from fleet.places import runtime_directory
from trunkline.errors import ConfigError, TrunklineError
from trunkline.fleet import publisher as module
from trunkline.fleet.attachment import Attachment
from trunkline.fleet.block import Stamped
from trunkline.fleet.framing import Kind, opening, pack
from trunkline.fleet.publisher import Publisher
from trunkline.fleet.runtime import addresses
from trunkline.fleet.state import FleetState, Keyframe
from trunkline.fleet.telemetry import Telemetry
from trunkline.fleet.wishes import Faults, Wish
from trunkline.protocol.observations import QueueSampled
from trunkline.telemetry import beat
from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.frames import Beat, Ended, Heard, Inspected
from trunkline.text import Clean


@pytest.fixture
def place():
    with runtime_directory() as path:
        yield path


class World:
    """A publisher's process, and consoles that attach to it."""

    def __init__(self, place, turn, telemetry) -> None:
        self.place, self.turn, self.telemetry = place, turn, telemetry
        self._attached: list[Attachment] = []

    def attach(self) -> Attachment:
        (address,) = addresses(self.place)
        attachment = Attachment.open(address)
        self._attached.append(attachment)
        attachment.write()
        self.turn()
        return attachment

    def close(self) -> None:
        for one in self._attached:
            one.connection.close()

    def tell(self, *frames) -> None:
        self.telemetry.give(stamped(*frames))
        self.turn()


def read(attachment: Attachment) -> list:
    """All that has come."""
    found: list = []
    while True:
        try:
            found += attachment.read()
        except BlockingIOError:
            return found


def frames_of(found: list) -> list:
    return [one.frame for came in found if isinstance(came, list) for one in came]


@pytest.fixture
def world(place):
    publisher = Publisher(directory=place)
    telemetry = Telemetry(publisher, name="bot")
    with moved(telemetry) as turn, contextlib.closing(World(place, turn, telemetry)) as made:
        yield made


@pytest.fixture
def steered(place):
    class Coffee(Faults):
        def names(self):
            return ("spill",)

        def make(self, name):
            if name != "spill":
                raise ConfigError("fault", "unknown")
            return "spilled"

    telemetry = Telemetry(Publisher(directory=place, controllable=True, faults=Coffee()))
    with moved(telemetry) as turn, contextlib.closing(World(place, turn, telemetry)) as made:
        yield made


def entry(key: str, number: int) -> Inspected:
    return Inspected(
        line=key, entry=Entry(number=number, at=1.0, until=1.0, way=Way.UP, type=Clean("t"))
    )


def test_the_socket_is_ours_alone_carries_the_name_and_goes_with_the_publisher(place):
    publisher = Publisher(directory=place)
    telemetry = Telemetry(publisher, name="bot")
    with moved(telemetry):
        (address,) = addresses(place)
        assert (address.pid, address.name) == (os.getpid(), "bot")
        assert stat.S_IMODE(address.path.stat().st_mode) == 0o600
        assert publisher.path == address.path
    assert addresses(place) == ()
    assert publisher.path is None


def test_a_directory_that_is_not_safe_is_refused(place):
    place.chmod(0o777)
    with pytest.raises(ConfigError, match="others may enter"):
        Telemetry(Publisher(directory=place)).start()


def test_who_comes_is_introduced_to_the_lines_as_they_are_and_gets_the_stream_from_there(world):
    world.tell(*life("a"), *life("b"))
    console = world.attach()
    first = read(console)
    assert [one.line for one in first if isinstance(one, Keyframe)] == ["a", "b"]
    assert not console.controllable
    state = FleetState()
    for one in first:
        state.adopt(one)
    known = state.fold.line("a", WALL + 1)
    assert (known.state, [one.text for one in known.transcript]) == ("live", ["hello"])
    after = said("a", 101.0, "more")
    world.tell(after)
    assert frames_of(read(console)) == [after]


def test_who_comes_gets_what_was_held_back_behind_the_state(world, monkeypatch):
    monkeypatch.setattr(world.telemetry, "start", lambda: None)
    loop = Loop(100.0)
    line = SimpleNamespace(measure=lambda _on: None)
    observe = world.telemetry.attach(line, loop, name="x", server="s", rate_hz=24_000)
    for second in range(100, 119):
        observe(
            QueueSampled(
                at=second + 0.5,
                epoch=1,
                outbox_samples=second,
                retained_samples=0,
                transport_bytes=0,
            )
        )
        world.turn()
    console, state = world.attach(), FleetState()
    for one in read(console):
        if isinstance(one, Keyframe):
            state.adopt(one)
    (key,) = state.known()
    before = state.fold.lines[key].pulse.gauges[beat.OUTBOX]
    loop.turn()
    world.turn()
    frames = frames_of(read(console))
    for frame in frames:
        state.apply(frame)
    assert before < 117 == state.fold.lines[key].pulse.gauges[beat.OUTBOX]
    assert [type(frame) for frame in frames] == [Beat] * (117 - before)


def test_nothing_is_encoded_while_nobody_looks(world, monkeypatch):
    def never(*_arguments):
        raise AssertionError

    monkeypatch.setattr(module, "encoded", never)
    world.tell(*life("a"))
    assert world.telemetry._parts
    assert not world.telemetry._parts[0].looks()


def test_entries_go_to_who_watches_the_line_and_to_nobody_else(world):
    world.tell(*life("a"), *life("b"))
    watching, other = world.attach(), world.attach()
    read(watching), read(other)
    watching.ask({"ask": "watch", "line": "a"})
    world.turn()
    assert world.telemetry.watched() == {"a"}
    world.tell(entry("a", 1), entry("b", 1), said("b", 101.0, "x"))
    assert {type(one).__name__ for one in frames_of(read(watching))} == {"Inspected", "Told"}
    assert [type(one).__name__ for one in frames_of(read(other))] == ["Told"]
    watching.ask({"ask": "watch", "line": None})
    world.turn()
    assert world.telemetry.watched() == frozenset()


def test_a_console_that_does_not_read_is_told_what_it_lost_and_introduced_anew(world, monkeypatch):
    monkeypatch.setattr(module, "Visitor", lambda one: Visitor(one, most_waiting_bytes=50_000))
    from trunkline.fleet.visitor import Visitor

    world.tell(*life("a"))
    stuck, quick = world.attach(), world.attach()
    read(quick)
    told = 0
    while not any(one.is_behind for one in world.telemetry._parts[0]._visitors):
        told += 1
        world.tell(said("a", 101.0 + told, "word " * 2000))
        assert len(frames_of(read(quick))) == 1
        assert told < 1000
    world.tell(said("a", 5000.0, "lost"))
    while told > 0:
        came = read(stuck)
        world.turn()
        if any(isinstance(one, dict) for one in came):
            break
    (note,) = [one for one in came if isinstance(one, dict)]
    assert note == {"lost": 2}
    again = came[came.index(note) + 1 :] + read(stuck)
    assert [one.line for one in again if isinstance(one, Keyframe)] == ["a"]
    last = said("a", 6000.0, "again")
    world.tell(last)
    assert frames_of(read(stuck))[-1] == last


def test_a_line_that_ended_leaves_after_a_while(world):
    world.tell(*life("a"), Ended(line="a", at=101.0))
    world.telemetry.each(lambda part: part.forget("a"))
    assert not [one for one in read(world.attach()) if isinstance(one, Keyframe)]


def test_a_wish_is_refused_unless_the_process_takes_them(world):
    world.tell(*life("a"))
    console = world.attach()
    read(console)
    for number, ask in enumerate(("close", "fault")):
        console.ask({"ask": ask, "line": "a", "id": number})
    world.turn()
    assert read(console) == [
        {"answer": number, "text": "refused: this process takes no wishes"} for number in (0, 1)
    ]


def test_wishes_are_carried_to_the_line_and_answered(steered, monkeypatch):
    wished: list[Wish] = []
    monkeypatch.setattr(steered.telemetry, "wish", wished.append)
    console = steered.attach()
    read(console)
    assert (console.controllable, console.faults) == (True, ("spill",))
    console.ask({"ask": "drain", "line": "a", "id": 7})
    steered.turn()
    ((one),) = wished
    assert (one.line, one.action) == ("a", "drain")
    one.answer(Clean("draining"))
    steered.turn()
    assert read(console) == [{"answer": 7, "text": "draining"}]
    console.ask({"ask": "explode", "line": "a", "id": 8})
    console.ask({"ask": "close", "line": 5, "id": 9})
    steered.turn()
    assert [one["text"] for one in read(console)] == [
        "refused: 'explode' is not known here",
        "refused: 'close' is not known here",
    ]


def test_faults_that_come_later_are_told_and_those_that_went(place):
    class Menu(Faults):
        now = ()

        def names(self):
            return self.now

    menu = Menu()
    telemetry = Telemetry(Publisher(directory=place, controllable=True, faults=menu))
    with moved(telemetry) as turn, contextlib.closing(World(place, turn, telemetry)) as world:
        console = world.attach()
        read(console)
        assert console.faults == ()
        for names in (("drop", "stall"), ()):
            menu.now = names
            world.turn()
            read(console)
            assert console.faults == names


@pytest.mark.parametrize(("name", "text"), [("spill", "spilled"), ("x", "fault: unknown")])
def test_a_fault_of_the_simulator_is_made_beside_the_lines(steered, name: str, text: str):
    console = steered.attach()
    read(console)
    console.ask({"ask": "fault", "line": "a", "name": name, "id": 1})
    found: list = []
    while not found:
        steered.turn()
        found = read(console)
    assert found == [{"answer": 1, "text": text}]


def test_who_speaks_nonsense_or_leaves_is_dismissed_and_the_others_stay(world):
    world.tell(*life("a"))
    good = world.attach()
    read(good)
    bad = world.attach()
    bad.connection.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    gone = world.attach()
    gone.connection.close()
    world.turn()
    world.turn()
    assert len(world.telemetry._parts[0]._visitors) == 1
    world.tell(said("a", 102.0, "x"))
    assert len(frames_of(read(good))) == 1


def test_no_more_consoles_are_taken_than_can_be_served(world, monkeypatch):
    monkeypatch.setattr(module, "_MOST_VISITORS", 1)
    first = world.attach()
    second = world.attach()
    assert read(first) == []
    with pytest.raises(ConnectionResetError):
        read(second)


def test_sockets_of_processes_that_are_gone_are_removed_at_the_start(place):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place / "4194304-old.sock"))
    with moved(Telemetry(Publisher(directory=place), name="new")):
        assert [one.name for one in addresses(place)] == ["new"]


def test_the_introduction_holds_no_more_than_it_says(world):
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(addresses(world.place)[0].path))
        world.turn()
        data = raw.recv(10_000)
    introduction = data[len(opening()) :]
    told = {
        "process": "bot",
        "pid": os.getpid(),
        "controllable": False,
        "faults": [],
        "audio": False,
    }
    assert introduction.endswith(json.dumps(told).encode())
    assert len(introduction) == len(pack(Kind.INTRODUCTION, 0.0, json.dumps(told).encode()))


def test_frames_that_came_before_anybody_looked_are_in_the_state(world):
    world.telemetry.give([Stamped(WALL, began("z"))])
    assert [one.line for one in read(world.attach())] == ["z"]
    assert issubclass(ConfigError, TrunklineError)


@pytest.mark.parametrize("audio", [False, True])
def test_audio_goes_to_who_asked_for_it_where_it_is_kept_and_to_nobody_else(place, audio: bool):
    publisher = Publisher(directory=place, audio=audio)
    telemetry = Telemetry(publisher)
    with moved(telemetry) as turn, contextlib.closing(World(place, turn, telemetry)) as world:
        world.tell(*life("a"), *life("b"))
        console, recorder, old = world.attach(), world.attach(), world.attach()
        console.ask({"ask": "watch", "line": "a", "hear": "watched"})
        recorder.ask({"ask": "watch", "line": None, "hear": "all"})
        old.ask({"ask": "watch", "line": "a"})
        turn()
        assert [publisher.heard(key) for key in ("a", "b", None)] == [audio] * 3
        world.tell(heard("a", 101.0, b"aa"), heard("b", 101.0, b"bb"), entry("a", 1))

        def pieces(attached):
            return sorted(one.pcm for one in frames_of(read(attached)) if isinstance(one, Heard))

        assert pieces(console) == ([b"aa"] if audio else [])
        assert pieces(recorder) == ([b"aa", b"bb"] if audio else [])
        assert pieces(old) == []
        recorder.connection.close()
        turn()
        assert publisher.heard("a") is audio
        assert not publisher.heard("b")


def test_a_wish_to_hear_that_makes_no_sense_is_none(place):
    publisher = Publisher(directory=place, audio=True)
    telemetry = Telemetry(publisher)
    with moved(telemetry) as turn, contextlib.closing(World(place, turn, telemetry)) as world:
        console = world.attach()
        console.ask({"ask": "watch", "line": "a", "hear": ["all"]})
        turn()
        assert not publisher.heard("a")
