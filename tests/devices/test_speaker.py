"""What plays a turn in the console, over a library that is not there, or plays nothing."""

from __future__ import annotations

import sys
import threading

import pytest

from devices.soundlib import FakeStream, all_left, installed
from trunkline.devices import portaudio
from trunkline.devices.speaker import Speaker
from trunkline.errors import MediaError


@pytest.fixture
def library(monkeypatch):
    yield installed(monkeypatch)
    assert portaudio._open == set()
    all_left()


def test_both_channels_are_played_whole(library):
    pcm = bytes(range(250)) * 100
    Speaker()(pcm, 24_000)
    (stream,) = library.streams
    assert stream.options == {"samplerate": 24_000, "channels": 2, "dtype": "int16"}
    assert b"".join(stream.written) == pcm
    assert {len(block) for block in stream.written[:-1]} == {9_600}
    assert (stream.stopped, stream.closed) == (True, True)


def on_the_third(monkeypatch, call):
    def write(stream, block):
        stream.written.append(block)
        if len(stream.written) == 3:
            call()

    monkeypatch.setattr(FakeStream, "write", write)


def test_it_stops_within_a_tenth_of_a_second_and_can_play_again(library, monkeypatch):
    speaker = Speaker()
    on_the_third(monkeypatch, speaker.stop)
    speaker(bytes(96_000 * 5), 24_000)
    (stream,) = library.streams
    assert len(stream.written) == 3
    assert (stream.stopped, stream.aborted, stream.closed) == (False, True, True)
    speaker(bytes(9_600), 24_000)
    assert len(library.streams[1].written) == 1


def test_devices_that_are_looked_for_anew_end_what_plays(library, monkeypatch):
    speaker = Speaker()

    def write(stream, block):
        stream.written.append(block)
        thread.start()
        # Nobody closes a stream that is being written to.
        thread.join(0.05)
        assert thread.is_alive()

    thread = threading.Thread(target=portaudio._begin_anew)
    monkeypatch.setattr(FakeStream, "write", write)
    speaker(bytes(96_000), 24_000)
    (stream,) = library.streams
    assert (len(stream.written), stream.stopped, stream.closed) == (1, False, True)
    thread.join(10)
    assert library.begun == 2


def test_a_device_that_refuses_is_told(library):
    library.refusals.append(lambda _: ("Error querying device -1",))
    with pytest.raises(MediaError, match="speaker: Error querying device -1"):
        Speaker()(bytes(4), 24_000)


def test_a_device_that_goes_while_it_plays_is_told(library, monkeypatch):
    def gone():
        raise library.PortAudioError("Error writing", -9999)

    on_the_third(monkeypatch, gone)
    with pytest.raises(MediaError, match="the device plugged in"):
        Speaker()(bytes(96_000), 24_000)
    assert library.streams[0].closed


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MediaError, match=r"pip install 'trunkline\[devices\]'"):
        Speaker()(bytes(4), 24_000)
