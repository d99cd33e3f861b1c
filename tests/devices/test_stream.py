"""One stream: its format, and the pulse of its thread."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from devices.soundlib import NO_SUCH_RATE, NOT_THERE, all_left, device, installed
from trunkline.devices import portaudio, stream
from trunkline.devices.listing import Direction
from trunkline.devices.stream import STALL_SECONDS, Stream
from trunkline.errors import MediaError


@pytest.fixture
def library(monkeypatch):
    yield installed(monkeypatch)
    all_left()


class Loop:
    """A loop whose clock is ten ahead of the machine's; what threads tell it is told at once."""

    def __init__(self, monkeypatch):
        self.machine = 50.0
        monkeypatch.setattr(stream, "monotonic", lambda: self.machine)
        self.is_closed = False

    def time(self):
        return self.machine + 10

    def call_soon_threadsafe(self, call):
        if self.is_closed:
            raise RuntimeError("Event loop is closed")
        call()


@pytest.fixture
def loop(monkeypatch):
    return Loop(monkeypatch)


class Made:
    """A stream under test, and what it told."""

    def __init__(self, loop, direction=Direction.INPUT, wanted=None):
        self.forms, self.moved, self.changes = [], [], []
        self.stream = Stream(
            direction, wanted, self.prepare, loop=loop, changed=lambda: self.changes.append(1)
        )

    def prepare(self, form):
        self.forms.append(form)
        return lambda *arguments: self.moved.append(arguments)


def test_it_opens_in_the_lines_own_form(library, loop):
    made = Made(loop)
    made.stream.open()
    options = library.streams[0].options
    wanted = {"device": 0, "samplerate": 24_000, "channels": 1, "dtype": "int16", "blocksize": 480}
    assert options.items() >= (wanted | {"latency": "low"}).items()
    assert library.streams[0].started
    (form,) = made.forms
    assert (form.rate_hz, form.channels, form.latency, form.block_samples) == (24_000, 1, 0.04, 480)
    assert made.stream.name == "Mic"
    made.stream.close()


def _only(rate, channels):
    def refusal(options):
        fits = options["samplerate"] == rate and options["channels"] == channels
        return None if fits else NO_SUCH_RATE

    return refusal


@pytest.mark.parametrize(
    ("rate", "channels"), [(48_000, 2), (44_100, 1), (16_000, 2), (8_000, 1), (24_000, 2)]
)
def test_a_device_that_takes_another_form_is_opened_in_that(library, loop, rate, channels):
    library.refusals.append(_only(rate, channels))
    made = Made(loop, Direction.OUTPUT)
    made.stream.open()
    assert (made.forms[0].rate_hz, made.forms[0].channels) == (rate, channels)
    assert library.streams[0].options["blocksize"] == rate // 50
    made.stream.close()


def test_its_favourite_rate_is_tried_before_the_other_rates(library, loop):
    asked = []

    def refusal(options):
        asked.append((options["samplerate"], options["channels"]))
        return NO_SUCH_RATE

    library.listed[0] = device("Mic", inputs=1, rate=16_000)
    library.refusals.append(refusal)
    with pytest.raises(MediaError, match="none of the rates that can be converted"):
        Made(loop).stream.open()
    assert asked == [(24_000, 1), (16_000, 1), (48_000, 1), (44_100, 1), (8_000, 1)]
    assert portaudio._open == set()


def test_a_device_in_use_is_not_asked_for_other_forms(library, loop):
    asked = []

    def refusal(options):
        asked.append(options)
        return NOT_THERE

    library.refusals.append(refusal)
    with pytest.raises(MediaError, match="Mic: it is in use by another program"):
        Made(loop).stream.open()
    assert len(asked) == 1


def test_a_stream_that_does_not_start_is_closed(library, loop, monkeypatch):
    def start(_self):
        raise library.PortAudioError(*NOT_THERE)

    monkeypatch.setattr("devices.soundlib.FakeStream.start", start)
    with pytest.raises(MediaError, match="in use"):
        Made(loop).stream.open()
    assert library.streams[0].closed


def test_windows_is_asked_to_convert(library, loop):
    library.apis = ["Windows WASAPI"]
    Made(loop).stream.open()
    assert library.streams[0].options["extra_settings"] == {"auto_convert": True}


def test_each_call_is_moved_with_the_loops_time(library, loop):
    made = Made(loop)
    made.stream.open()
    loop.machine = 51.0
    library.streams[0].give(b"ab" * 480, at=1.0, now=2.0)
    data, count, times, _flags, now = made.moved[0]
    assert (len(data), count, times.inputBufferAdcTime, now) == (960, 480, 1.0, 61.0)
    made.stream.close()


def test_it_is_steady_once_it_has_been_called_for_a_while(library, loop):
    made = Made(loop)
    made.stream.open()

    def called_after(seconds):
        loop.machine += seconds
        library.streams[0].give(b"ab" * 480)
        return made.stream.is_steady(loop.time())

    # Three calls at once fill a buffer; nothing is known by them.
    assert [called_after(each) for each in (0.001, 0.0, 0.0)] == [False] * 3
    assert [called_after(0.02) for _ in range(6)][-1]
    loop.machine += STALL_SECONDS + 0.01
    assert not made.stream.is_steady(loop.time())
    assert not called_after(0.02)
    assert [called_after(0.02) for _ in range(6)][-1]
    library.streams[0].end()
    assert not made.stream.is_steady(loop.time())


def test_a_device_that_goes_is_told(library, loop):
    made = Made(loop)
    made.stream.open()
    library.streams[0].end()
    assert made.stream.is_over
    assert not made.stream.was_interrupted
    assert made.changes == [1]


def test_a_closed_loop_is_told_nothing_and_harms_nobody(library, loop):
    made = Made(loop)
    made.stream.open()
    loop.is_closed = True
    library.streams[0].end()
    assert made.changes == []


def test_closing_aborts_since_a_device_that_stands_still_is_never_played_out(library, loop):
    made = Made(loop)
    made.stream.open()
    made.stream.close()
    made.stream.close()
    opened = library.streams[0]
    assert (opened.aborted, opened.stopped, opened.closed) == (True, False, True)
    assert portaudio._open == set()


def test_an_interruption_is_no_loss(library, loop):
    made = Made(loop)
    made.stream.open()
    portaudio._begin_anew()
    made.stream.interrupt()
    assert made.stream.was_interrupted
    assert library.streams[0].closed
    lost = Made(loop)
    lost.stream.open()
    library.streams[1].end()
    lost.stream.interrupt()
    assert not lost.stream.was_interrupted


def test_one_that_nobody_wants_any_more_closes_when_it_is_open(library, loop, monkeypatch):
    threads = []

    def thread(*, target, **_):
        return SimpleNamespace(start=lambda: threads.append(target))

    monkeypatch.setattr(stream.threading, "Thread", thread)
    made = Made(loop)
    made.stream.abandon()
    made.stream.open()
    assert library.streams[0].closed
    assert len(threads) == 1


def test_its_name_is_what_was_asked_for_until_it_is_open(loop):
    assert Made(loop, wanted="head").stream.name == "head"
    assert Made(loop, Direction.OUTPUT).stream.name == "speaker"


def test_it_opens_in_a_running_loop_too(library):
    async def run():
        made = Made(asyncio.get_running_loop())
        await portaudio.errand(made.stream.open)
        await portaudio.errand(made.stream.close)
        return made.stream.is_over

    assert asyncio.run(run())
