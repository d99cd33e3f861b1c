"""Sound, where there is none and where there is some."""

from __future__ import annotations

import asyncio

import pytest

from devices.soundlib import all_left, device, installed
from diagnosis.places import subject
from trunkline.devices import portaudio
from trunkline.diagnosis import sound
from trunkline.diagnosis.finding import Finding, Outcome
from trunkline.errors import MediaError


def found() -> Finding:
    return asyncio.run(sound.check_sound(subject(1)))


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sound, "find_spec", lambda name: object())
    yield installed(monkeypatch)
    all_left()


def test_devices_are_counted_and_the_usual_ones_named(library):
    library.listed.append(device("USB Headset", inputs=1, outputs=2))
    finding = found()
    assert finding.outcome is Outcome.OK
    assert finding.fact.startswith("PortAudio, 2 microphones, 2 loudspeakers")
    assert finding.details["default_input"] == "Mic, ALSA"


def test_a_machine_without_a_microphone_is_a_warning(library):
    library.listed[:] = [device("Box", outputs=2)]
    finding = found()
    assert finding.outcome is Outcome.WARNING
    assert "no microphone, 1 loudspeaker" in finding.fact


def test_without_the_extra_there_is_nothing_to_check(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sound, "find_spec", lambda name: None)
    finding = found()
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "trunkline[devices]" in finding.advice


def test_without_portaudio_itself_it_is_a_warning(monkeypatch: pytest.MonkeyPatch):
    def missing():
        raise MediaError("sound", "PortAudio is not installed: apt install libportaudio2")

    monkeypatch.setattr(sound, "find_spec", lambda name: object())
    monkeypatch.setattr(portaudio, "devices", missing)
    finding = found()
    assert finding.outcome is Outcome.WARNING
    assert finding.fact.startswith("PortAudio is not installed")
