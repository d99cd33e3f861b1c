"""The library: what is missing, what it complains of, and how it is begun anew."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import subprocess
import sys
import threading

import pytest

from devices.soundlib import NO_SUCH_RATE, PortAudioError, all_left, as_seen, device, installed
from trunkline.devices import chatter, portaudio
from trunkline.devices.listing import Direction
from trunkline.errors import MediaError

REFUSED = "the system's sound refuses it: is the sound server running, the device plugged in?"


@pytest.fixture
def library(monkeypatch):
    yield installed(monkeypatch)
    all_left()


class Open:
    """A stream as far as the library's keeper knows."""

    def __init__(self):
        self.told = []

    def interrupt(self):
        self.told.append("interrupted")


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MediaError, match=r"pip install 'trunkline\[devices\]'"):
        portaudio.library()


def _refused_at_import(monkeypatch, error):
    class Finder:
        def find_spec(self, name, *_):
            if name == "sounddevice":
                raise error

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])


def test_without_portaudio_its_package_is_named(monkeypatch):
    _refused_at_import(monkeypatch, OSError("PortAudio library not found"))
    with pytest.raises(MediaError, match="apt install libportaudio2"):
        portaudio.devices()


def test_a_portaudio_that_cannot_begin_is_told_in_words(monkeypatch):
    _refused_at_import(monkeypatch, PortAudioError("Error initializing PortAudio", -9979))
    with pytest.raises(MediaError, match="the system has no sound at all"):
        portaudio.library()


def test_devices_are_listed_with_their_defaults(library):
    first, second = portaudio.devices()
    assert (first.full_name, first.inputs, first.outputs, first.rate_hz) == (
        "Mic, ALSA",
        1,
        0,
        48_000,
    )
    assert (first.is_default_input, first.is_default_output) == (True, False)
    assert (second.index, second.is_default_input, second.is_default_output) == (1, False, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("Error opening", -9985),
            "x: it is in use by another program, or switched off (Error opening)",
        ),
        (
            ("Error opening: Unanticipated host error", -9999, (0, -5, "Input/output error")),
            f"x: {REFUSED} (Error opening: Unanticipated host error: Input/output error)",
        ),
        (("Error querying device -1",), "x: Error querying device -1"),
        (("something new", -1), "x: something new"),
        ((), "x: "),
    ],
)
def test_a_complaint_says_what_a_person_can_do(arguments, words):
    assert str(portaudio.fault("x", PortAudioError(*arguments))) == words


def test_a_refusal_of_the_library_becomes_ours(library):
    def begin(_module):
        raise PortAudioError("Invalid device", -9996)

    one = Open()
    with pytest.raises(MediaError, match="Box: it is gone: `trunkline devices`"):
        portaudio.claim(one, "Box", begin)
    assert portaudio._open == set()


def test_c_is_silent_from_the_opening_to_the_end_of_a_stream(library, monkeypatch):
    wishes = []
    monkeypatch.setattr(portaudio, "hush", lambda: wishes.append(1))
    monkeypatch.setattr(portaudio, "release", lambda: wishes.append(-1))
    one = Open()
    portaudio.claim(one, "Box", lambda _: None)
    assert sum(wishes) == 1
    portaudio.leave(one, lambda: None)
    portaudio.leave(one, lambda: None)
    assert sum(wishes) == 0
    assert chatter._chatter._wishes == 0


def test_whether_a_rate_is_taken_is_asked_of_the_device(library):
    asked = []

    def refusal(options):
        asked.append(options)
        return NO_SUCH_RATE if options["samplerate"] == 24_000 else None

    library.refusals.append(refusal)
    mic = portaudio.devices()[0]
    assert portaudio.takes(mic, Direction.INPUT, 48_000)
    assert not portaudio.takes(mic, Direction.INPUT, 24_000)
    assert not portaudio.takes(mic, Direction.OUTPUT, 24_000)
    assert asked[0] == {"device": 0, "channels": 1, "dtype": "int16", "samplerate": 48_000}


def _process_sees(monkeypatch, answer):
    """Another process prints this; gives the commands that were run."""
    ran = []

    def run(command, **_):
        ran.append(command)
        if isinstance(answer, Exception):
            raise answer
        return subprocess.CompletedProcess(command, 0, answer, b"")

    monkeypatch.setattr(subprocess, "run", run)
    return ran


def _printed(library):
    return json.dumps([dataclasses.asdict(each) for each in as_seen(library)]).encode()


def look(wanted=None):
    return portaudio.look_again(portaudio.edition(), wanted, Direction.INPUT)


def test_what_another_process_prints_is_what_is_known_here(library, monkeypatch, capsys):
    exec(portaudio._LIST_IN_A_PROCESS, {})
    _process_sees(monkeypatch, capsys.readouterr().out.encode())
    assert portaudio._seen_by_a_process() == portaudio.devices()


def test_a_device_that_was_plugged_in_is_there_after_another_look(library, monkeypatch):
    library.plugged.append(device("Headset", inputs=1))
    _process_sees(monkeypatch, _printed(library))
    one = Open()
    portaudio.claim(one, "Box", lambda _: None)
    assert len(portaudio.devices()) == 2
    assert look("Headset")
    assert [each.name for each in portaudio.devices()][2:] == ["Headset"]
    assert library._initialized == 1
    assert one.told == ["interrupted"]
    assert portaudio._open == set()
    assert chatter._chatter._wishes == 0


def test_two_that_look_at_the_same_time_begin_it_anew_once(library, monkeypatch):
    ran = _process_sees(monkeypatch, _printed(library))
    seen = portaudio.edition()
    assert portaudio.look_again(seen, None, Direction.INPUT)
    assert portaudio.look_again(seen, None, Direction.OUTPUT)
    assert (library.begun, len(ran)) == (2, 1)


def test_nothing_is_begun_anew_while_what_is_wanted_is_not_there(library, monkeypatch):
    library.plugged.pop(0)
    ran = _process_sees(monkeypatch, _printed(library))
    assert not look()
    assert not look("Box")
    assert (library.begun, len(ran)) == (1, 2)


def test_devices_of_the_same_names_are_looked_for_twice_a_minute(library, monkeypatch):
    _process_sees(monkeypatch, _printed(library))
    now = 1000.0
    monkeypatch.setattr(portaudio, "monotonic", lambda: now)
    assert look("Mic")
    now += 29
    assert not look("Mic")
    now += 2
    assert look("Mic")


def test_one_that_could_not_be_begun_is_begun_when_there_is_something(library, monkeypatch):
    _process_sees(monkeypatch, _printed(library))

    def fails():
        raise PortAudioError("not initialized", -10000)

    monkeypatch.setattr(library, "query_devices", fails)
    monkeypatch.setattr(portaudio, "_listed_at", portaudio.monotonic())
    assert look("Mic")


@pytest.mark.parametrize(
    "answer",
    [OSError(), subprocess.TimeoutExpired("python", 5), b"", b"[[1, 2, 3]]", b'[{"a": 1}]'],
)
def test_a_process_that_cannot_tell_changes_nothing(library, monkeypatch, answer):
    _process_sees(monkeypatch, answer)
    assert not look()
    assert library.begun == 1


def test_a_packed_program_starts_no_process_and_looks_while_nothing_is_open(library, monkeypatch):
    ran = _process_sees(monkeypatch, b"[]")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    one = Open()
    portaudio.claim(one, "Box", lambda _: None)
    assert not look()
    portaudio.leave(one, lambda: None)
    assert look()
    assert not look()
    assert ran == []


def test_a_binding_that_cannot_begin_anew_is_left_as_it_is(library, monkeypatch):
    _process_sees(monkeypatch, _printed(library))
    monkeypatch.delattr(type(library), "_terminate")
    assert not look()
    assert library.begun == 1


@pytest.fixture
def hanging(monkeypatch):
    """A call that holds the library in another thread."""
    monkeypatch.setattr(portaudio, "_HANGING_SECONDS", 0.01)
    monkeypatch.setattr(portaudio, "_LAST_SECONDS", 0.01)
    held, over = threading.Event(), threading.Event()

    def hold():
        with portaudio._lock:
            held.set()
            over.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    yield
    over.set()
    thread.join()


def test_where_a_call_hangs_the_others_say_so(library, hanging):
    for call in (portaudio.devices, lambda: portaudio.leave(Open(), lambda: None)):
        with pytest.raises(MediaError, match="the system's sound does not answer"):
            call()


def test_a_process_with_a_hanging_call_ends_without_it(library, hanging):
    portaudio._at_exit()
    assert library._initialized == 0


def test_a_process_without_one_ends_as_ever(library):
    portaudio._at_exit()
    assert library._initialized == 1


def test_an_errand_is_done_in_a_daemon_thread():
    def call(one, two):
        return one + two, threading.current_thread().daemon

    assert asyncio.run(portaudio.errand(call, 1, 2)) == (3, True)


def test_what_an_errand_raises_is_raised_to_who_waits():
    def call():
        raise MediaError("x", "y")

    with pytest.raises(MediaError, match="x: y"):
        asyncio.run(portaudio.errand(call))


def test_whoever_leaves_an_errand_leaves_it_to_its_end():
    may_end, ended = threading.Event(), threading.Event()

    def call():
        may_end.wait(10)
        ended.set()

    async def leave():
        task = asyncio.create_task(portaudio.errand(call))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    may_end.set()
    assert ended.wait(10)
