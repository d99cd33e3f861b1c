"""The loudspeaker over a library that is not there, or plays nothing."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from trunkline.devices.speaker import Speaker
from trunkline.errors import MediaError


class PortAudioError(Exception):
    pass


class Stream:
    """Remembers what it was given; `full` is called with each block."""

    def __init__(self, full):
        self.blocks, self.options = [], {}
        self.full = full
        self.aborted = self.closed = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True

    def write(self, block):
        self.blocks.append(block)
        self.full(self)

    def abort(self):
        self.aborted = True


@pytest.fixture
def library(monkeypatch):
    """A `sounddevice` whose one stream is at `library.stream`."""
    made = ModuleType("sounddevice")
    made.stream = Stream(lambda _: None)

    def opened(**options):
        made.stream.options = options
        return made.stream

    made.RawOutputStream, made.PortAudioError = opened, PortAudioError
    monkeypatch.setitem(sys.modules, "sounddevice", made)
    return made


def test_both_channels_are_played_whole(library):
    pcm = bytes(range(250)) * 100
    Speaker()(pcm, 24_000)
    assert library.stream.options == {"samplerate": 24_000, "channels": 2, "dtype": "int16"}
    assert b"".join(library.stream.blocks) == pcm
    assert {len(block) for block in library.stream.blocks[:-1]} == {9_600}
    assert library.stream.closed
    assert not library.stream.aborted


def test_it_stops_within_a_tenth_of_a_second_and_can_play_again(library):
    speaker = Speaker()
    library.stream = Stream(lambda stream: len(stream.blocks) == 3 and speaker.stop())
    speaker(bytes(96_000 * 5), 24_000)
    assert len(library.stream.blocks) == 3
    assert library.stream.aborted
    library.stream = Stream(lambda _: None)
    speaker(bytes(9_600), 24_000)
    assert len(library.stream.blocks) == 1


def test_a_device_that_refuses_is_told(library):
    def refuse(**_):
        raise PortAudioError("Error querying device -1")

    library.RawOutputStream = refuse
    with pytest.raises(MediaError, match="speaker: Error querying device -1"):
        Speaker()(bytes(4), 24_000)


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MediaError, match=r"pip install 'trunkline\[devices\]'"):
        Speaker()(bytes(4), 24_000)


def test_without_portaudio_its_package_is_named(monkeypatch):
    class Finder:
        def find_spec(self, name, *_):
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(MediaError, match="apt install libportaudio2"):
        Speaker()(bytes(4), 24_000)
