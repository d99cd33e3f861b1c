"""`trunkline devices`: as a user runs it where there is no sound; the real thing is in scenarios/test_devices.py."""

from __future__ import annotations

import asyncio
import json
import os

import numpy as np
import pytest
from click.testing import CliRunner

from cli.running import trunkline
from devices.soundlib import NO_SUCH_RATE, all_left, device, installed
from trunkline.cli import devices as command
from trunkline.devices.base import Block, Change, Notice
from trunkline.errors import MediaError


@pytest.fixture
def library(monkeypatch):
    yield installed(monkeypatch)
    all_left()


def run(*arguments):
    return CliRunner().invoke(command.devices, arguments)


def test_microphones_and_loudspeakers_are_listed_with_what_they_take(library):
    library.listed.append(device("USB Headset", inputs=1, outputs=2, rate=44_100))
    refused = {"samplerate": 24_000, "device": 1}
    library.refusals.append(lambda each: NO_SUCH_RATE if each.items() >= refused.items() else None)
    assert run().output.splitlines() == [
        "microphones:",
        "* Mic, ALSA                                      1 ch  48000 Hz  24 kHz",
        "  USB Headset, ALSA                              1 ch  44100 Hz  24 kHz",
        "loudspeakers:",
        "* Box, ALSA                                      2 ch  48000 Hz  not 24 kHz",
        "  USB Headset, ALSA                              2 ch  44100 Hz  24 kHz",
    ]


def test_a_direction_without_devices_says_so(library):
    library.listed.pop()
    assert run().output.splitlines()[-2:] == ["loudspeakers:", "  none"]


def test_the_list_as_a_document(library):
    first, second = json.loads(run("--json").output)["devices"]
    assert first == {
        "name": "Mic",
        "host_api": "ALSA",
        "input_channels": 1,
        "output_channels": 0,
        "default_rate_hz": 48_000,
        "is_default_input": True,
        "is_default_output": False,
        "input_takes_24k": True,
        "output_takes_24k": None,
    }
    assert (second["input_takes_24k"], second["output_takes_24k"]) == (None, True)


def test_a_name_cannot_steer_the_terminal(library):
    library.listed[0]["name"] = "\x1b]0;owned\x07Mic"
    assert "\x1b" not in run().output + run("--json").output


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_machine_without_devices_is_an_error_with_8(library, arguments):
    library.listed.clear()
    told = run(*arguments)
    assert isinstance(told.exception, MediaError)
    # The document of the failure is the root's.
    assert told.output == ""


def test_without_portaudio_the_command_ends_with_8_and_one_line(tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    told = trunkline("devices", PYTHONPATH=path)
    assert told.returncode == 8
    assert told.stdout == ""
    assert told.stderr.startswith(
        "error: sound: PortAudio is not installed: apt install libportaudio2"
    )
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--mic", "x"], "--mic and --speaker choose what --test tries"),
        (["--speaker", "x"], "--mic and --speaker choose what --test tries"),
        (["--json", "--test"], "--json and --test exclude each other"),
    ],
)
def test_options_that_contradict_each_other_are_refused(arguments, words):
    told = run(*arguments)
    assert told.exit_code == 2
    assert words in told.output


def test_a_device_that_cannot_be_used_is_an_error(library):
    library.refusals.append(lambda _: ("Device unavailable", -9985))
    told = run("--test")
    assert isinstance(told.exception, MediaError)
    assert "in use by another program" in str(told.exception)


class Given:
    """A source of so many blocks, all alike."""

    def __init__(self, block):
        self.block = block

    async def __anext__(self):
        return self.block


def listened(block, capsys):
    asyncio.run(command._listen(Given(block)))
    return capsys.readouterr().out.splitlines()


def test_silence_is_asked_about(capsys):
    assert listened(Block(bytes(960), 0.0), capsys) == [
        "at most -96 dBFS",
        "it gives nothing but silence: is it muted?",
    ]


def test_what_is_lost_while_it_listens_is_told(capsys):
    assert listened(Block(b"\0\x40" * 480, 0.0, lost_ms=1.5), capsys) == [
        "at most -3 dBFS, 150 ms lost"
    ]


def test_the_level_is_drawn_on_a_terminal_only(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    command._draw(-48.0, -96.0)
    assert capsys.readouterr().out.strip("\r") == f"  {'#' * 15:<30}  -48.0 dBFS"


def test_the_tone_begins_and_ends_softly_and_is_followed_by_silence():
    tone = command._Tone()
    pcm = np.frombuffer(b"".join(tone(480, 0.0) for _ in range(50)), "<i2")
    assert len(pcm) == 24_000
    assert abs(pcm[:5]).max() < 200
    assert 8_000 < abs(pcm).max() <= 8_192
    assert not pcm[-2_400:].any()


def test_a_device_that_goes_during_the_test_is_told(capsys):
    command._told(Notice("speaker", "Box", Change.OPENED, 0.0))
    command._told(Notice("speaker", "Box", Change.LOST, 0.0, "plug it in"))
    command._told(Notice("speaker", "Box", Change.RETURNED, 0.0))
    assert capsys.readouterr().err.splitlines() == [
        "speaker Box: lost: plug it in",
        "speaker Box: returned",
    ]
