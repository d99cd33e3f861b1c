"""What the environment and the options of a command ask for."""

from __future__ import annotations

import subprocess
import urllib.request

import pytest

from cli.running import COMMAND, SPEECH, environment
from fleet.children import wait_for
from fleet.places import only_place
from trunkline.cli.desks import opened
from trunkline.cli.publishing import keeps_audio, metrics_port, telemetry_for
from trunkline.devices.wavfile import read_wav
from trunkline.errors import ConfigError
from trunkline.fleet.attachment import read_block
from trunkline.fleet.framing import OPENING_BYTES, Kind
from trunkline.fleet.player import Player
from trunkline.fleet.recording import Recording
from trunkline.fleet.runtime import addresses
from trunkline.protocol.observations import Direction
from trunkline.telemetry.frames import Heard, Inspected
from trunkline.tui.controls import Action


@pytest.fixture
def place(monkeypatch):
    with only_place(monkeypatch) as path:
        yield path


@pytest.mark.parametrize("value", ["", "0"])
def test_nobody_is_told_anything_unless_it_was_asked_for(value: str, monkeypatch):
    monkeypatch.setenv("TRUNKLINE_PUBLISH", value)
    assert telemetry_for("demo") is None


@pytest.mark.parametrize(("value", "controllable"), [("1", False), ("control", True)])
def test_the_variable_publishes_the_command_by_its_name(
    place, value: str, controllable: bool, monkeypatch
):
    monkeypatch.setenv("TRUNKLINE_PUBLISH", value)
    with telemetry_for("demo") as telemetry:
        assert [one.name for one in addresses()] == ["demo"]
        assert telemetry.is_controllable() is controllable


def test_another_value_is_a_mistake_of_the_setting(monkeypatch):
    monkeypatch.setenv("TRUNKLINE_PUBLISH", "yes please")
    with pytest.raises(ConfigError, match="it is 1 or control"):
        telemetry_for("demo")


def test_a_recording_alone_needs_no_socket(place, tmp_path, monkeypatch):
    monkeypatch.delenv("TRUNKLINE_PUBLISH", raising=False)
    path = tmp_path / "a.tlrec"
    with telemetry_for("demo", record=path):
        assert addresses() == ()
    assert path.stat().st_size
    with pytest.raises(ConfigError, match="is there already"):
        telemetry_for("demo", record=path)


@pytest.mark.timeout(120)
def test_the_demo_can_be_looked_at_and_its_simulator_broken_from_another_process(place, tmp_path):
    recording = tmp_path / "demo.tlrec"
    wav = str(SPEECH / "caller_3.wav")
    command = [*COMMAND, "demo", "--headless", "--wav", wav, "--record", str(recording)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(TRUNKLINE_PUBLISH="control"),
    )
    with opened(allow_control=True) as found:
        wait_for(lambda: found.desk.fleet() and found.desk.fleet().rows, "the demo's line")
        (row,) = found.desk.fleet().rows
        assert (row.name, row.process.split()[0]) == ("demo", "demo")
        wait_for(lambda: found.controls.faults(row.key), "the simulator's faults")
        assert Action.RECONNECT in found.controls.allowed(row.key)
        found.controls.fault(row.key, found.controls.faults(row.key)[0])
        wait_for(found.controls.answer, "an answer")
        told, complaints = process.communicate(timeout=60)
    assert complaints == ""
    assert "turns answered   1 of 1" in told
    assert "result           ok" in told
    with Player(recording, speed=0.0) as player:
        wait_for(lambda: player.fleet() and player.fleet().rows, "the recording")
        player.watch(player.fleet().rows[0].key)
        player.playback.seek(player.playback.ends_at)
        wait_for(lambda: player.line() and player.line().turns_answered == 1, "the turn")
        wait_for(player.entries, "the messages")


@pytest.mark.parametrize(("value", "kept"), [(None, False), ("", False), ("0", False), ("1", True)])
def test_audio_is_kept_only_if_the_environment_says_so(place, tmp_path, value, kept, monkeypatch):
    monkeypatch.setenv("TRUNKLINE_PUBLISH", "1")
    monkeypatch.delenv("TRUNKLINE_KEEP_AUDIO", raising=False)
    if value is not None:
        monkeypatch.setenv("TRUNKLINE_KEEP_AUDIO", value)
    assert keeps_audio() is kept
    with telemetry_for("demo", record=tmp_path / "a.tlrec") as telemetry:
        assert telemetry._look("a").heard is kept


def test_a_recording_with_audio_is_asked_for_by_its_option_alone(place, tmp_path, monkeypatch):
    monkeypatch.delenv("TRUNKLINE_KEEP_AUDIO", raising=False)
    monkeypatch.delenv("TRUNKLINE_PUBLISH", raising=False)
    with telemetry_for("demo", record=tmp_path / "a.tlrec", audio=True) as telemetry:
        assert telemetry._look().heard


def test_what_contradicts_itself_about_audio_is_told(monkeypatch):
    with pytest.raises(ConfigError, match="belongs to --record"):
        telemetry_for("demo", audio=True)
    monkeypatch.setenv("TRUNKLINE_KEEP_AUDIO", "please")
    with pytest.raises(ConfigError, match="it is 1 or 0, not 'please'"):
        telemetry_for("demo")


def pieces_of(recording):
    """Kinds of frames of a whole recording, and the audio in it."""
    with Recording(recording) as found:
        offset, kinds, heard = OPENING_BYTES, set(), []
        while (packet := found.packet(offset)) is not None:
            offset += packet.size_bytes
            if packet.kind == Kind.BLOCK:
                frames = [one.frame for one in read_block(packet)]
                kinds |= {type(one) for one in frames}
                heard += [one for one in frames if isinstance(one, Heard)]
    return kinds, heard


@pytest.mark.timeout(120)
@pytest.mark.parametrize("audio", [False, True])
def test_the_sound_of_a_demo_is_in_its_recording_only_if_it_was_asked_for(tmp_path, audio):
    recording = tmp_path / "demo.tlrec"
    spoken = SPEECH / "caller_3.wav"
    command = [*COMMAND, "demo", "--headless", "--wav", str(spoken), "--record", str(recording)]
    subprocess.run(
        [*command, *(["--audio"] if audio else [])],
        capture_output=True,
        check=True,
        env=environment(),
        timeout=100,
    )
    kinds, heard = pieces_of(recording)
    assert Inspected in kinds
    assert (Heard in kinds) is audio
    if not audio:
        return
    pcm = read_wav(str(spoken), rate_hz=24_000)
    up = b"".join(one.pcm for one in heard if one.direction is Direction.UP)
    assert pcm[: len(pcm) // 2] in up, "each sample once, in its order"
    with Player(recording, speed=0.0) as player:
        wait_for(lambda: player.fleet() and player.fleet().rows, "the recording")
        (row,) = player.fleet().rows
        player.playback.seek(player.playback.ends_at)
        wait_for(lambda: player.sound(row.key, 1), "the sound")
        wait_for(lambda: player.playback.has_ended, "the end")
        sound = player.sound(row.key, 1)
    assert sound.rate_hz == 24_000
    assert pcm[len(pcm) // 2 : len(pcm) * 3 // 4] in sound.user
    assert any(sound.model)


@pytest.mark.timeout(120)
def test_an_attached_console_hears_the_line_that_it_looks_at_where_it_may(place):
    command = [*COMMAND, "demo", "--headless", "--wav", str(SPEECH / "caller_3.wav")]
    for keep in ("0", "1"):
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(TRUNKLINE_PUBLISH="1", TRUNKLINE_KEEP_AUDIO=keep),
        )
        with opened() as found:
            desk = found.desk
            wait_for(lambda desk=desk: desk.fleet() and desk.fleet().rows, "the demo's line")
            (row,) = desk.fleet().rows
            desk.watch(row.key)
            process.wait(timeout=60)
            wait_for(lambda desk=desk: desk.fleet().rows[0].state in ("closed", "gone"), "its end")
            assert desk.turns_heard(row.key) == ((1,) if keep == "1" else ())


def test_a_variable_serves_the_metrics_of_a_command(monkeypatch):
    monkeypatch.setenv("TRUNKLINE_METRICS", "0")
    monkeypatch.setenv("TRUNKLINE_LOG", "json")
    with telemetry_for("demo") as telemetry:
        server, book = telemetry._parts
        assert type(book).__name__ == "Logbook"
        address = f"http://127.0.0.1:{server.port}/metrics"
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert b"trunkline_build_info" in answer.read()


@pytest.mark.parametrize("value", ["yes", "-1", "65536", "9.5", "\u0663"])
def test_what_is_no_port_is_a_mistake_of_the_setting(value, monkeypatch):
    monkeypatch.setenv("TRUNKLINE_METRICS", value)
    with pytest.raises(ConfigError, match="it is a port"):
        telemetry_for("demo")


def test_without_the_variable_there_is_no_port(monkeypatch):
    monkeypatch.delenv("TRUNKLINE_METRICS", raising=False)
    assert metrics_port() is None
