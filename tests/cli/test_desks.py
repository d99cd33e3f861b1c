"""What a console reads and may do, as its options say."""

from __future__ import annotations

import pytest

from fleet.children import wait_for
from fleet.places import only_place
from fleet.reels import write_words
from trunkline.cli.desks import WishingControls, chosen, is_served, opened
from trunkline.errors import ConfigError, StreamError
from trunkline.fleet.runtime import Address
from trunkline.tui.controls import Action


@pytest.fixture
def place(monkeypatch):
    with only_place(monkeypatch) as path:
        yield path


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "a.tlrec"
    write_words(path, 20)
    return path


def test_a_recording_is_played_at_its_speed_and_takes_no_wishes(recording):
    with opened(replay=recording, speed=120.0) as found:
        wait_for(found.desk.finished, "the end")
        assert found.controls.read_only
        assert found.desk.playback.speed == 120.0
        assert found.title == str(recording)


@pytest.mark.parametrize("speed", [-1.0, 0.1, 121.0, float("nan")])
def test_a_speed_that_cannot_be_played_is_refused(recording, speed: float):
    with pytest.raises(ConfigError, match="--speed"), opened(replay=recording, speed=speed):
        pass


@pytest.mark.parametrize("option", [{"record": "x"}, {"allow_control": True}, {"process": "a"}])
def test_what_makes_no_sense_for_a_recording_is_refused(recording, option):
    with pytest.raises(ConfigError, match="--replay"), opened(replay=recording, **option):
        pass


def test_what_is_no_recording_is_told_and_what_is_not_there(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")
    with pytest.raises(StreamError), opened(replay=path):
        pass
    with pytest.raises(ConfigError, match="No such file"), opened(replay=tmp_path / "none"):
        pass


def test_attached_it_looks_only_unless_it_is_allowed_more_and_may_record(place, tmp_path):
    path = tmp_path / "a.tlrec"
    with opened(record=path) as found:
        wait_for(found.desk.fleet, "a fleet")
        assert found.controls.read_only
        assert found.desk.playback is None
    assert path.stat().st_size
    with opened(allow_control=True) as found:
        assert not found.controls.read_only
        assert found.controls.allowed("nobody") == frozenset()


def test_a_recording_that_ends_too_early_is_news_once(place):
    with opened(record="/dev/full") as found:
        wait_for(lambda: found.recording.recorded_s() is None, "the end of the recording")
        assert found.recording.news() == "recording to /dev/full stopped: No space left on device"
        assert found.recording.news() is None
        wait_for(found.desk.fleet, "a fleet all the same")


def test_a_process_is_chosen_by_name_or_number():
    assert chosen(None) is None
    wanted = chosen("12")
    assert wanted(Address("x", 12, "a"))
    assert not wanted(Address("x", 13, "a"))
    assert chosen("a")(Address("x", 13, "a"))


def test_wishes_go_by_name_and_answers_come_back():
    class Remote:
        read_only = False

        def __init__(self) -> None:
            self.wished: list = []

        def allowed(self, key):
            return frozenset({"close", "mute", "of a later version"})

        def act(self, key, action):
            self.wished.append((key, action))

        def faults(self, key):
            return ("drop",)

        def fault(self, key, name):
            self.wished.append((key, name))

        def answer(self):
            return "done"

        def close(self):
            self.wished.append("closed")

    remote = Remote()
    controls = WishingControls(remote)
    assert controls.allowed("a") == {Action.CLOSE, Action.MUTE}
    controls.act("a", Action.CLOSE)
    assert controls.faults("a") == ("drop",)
    controls.fault("a", "drop")
    assert controls.answer() == "done"
    controls.close()
    assert not controls.read_only
    assert remote.wished == [("a", "close"), ("a", "drop"), "closed"]


def test_r_records_what_an_attached_console_sees(place, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with opened() as found:
        wait_for(found.desk.fleet, "a fleet")
        assert "fleet-recording-" in found.recording.toggle(1.0)
        assert found.recording.recorded_s() is not None
    (path,) = (tmp_path / "trunkline" / "exports").iterdir()
    assert path.stat().st_size


def test_what_is_played_is_not_recorded_again_nor_what_a_browser_shows(
    place, recording, monkeypatch
):
    with opened(replay=recording) as found, pytest.raises(ValueError, match="not recorded again"):
        found.recording.toggle(1.0)
    assert not is_served()
    monkeypatch.setenv("TEXTUAL_DRIVER", "trunkline.tui.remote:RemoteDriver")
    assert is_served()
    with opened() as found, pytest.raises(ValueError, match="in a browser does not record"):
        found.recording.toggle(1.0)


def test_audio_without_a_recording_is_a_mistake():
    with pytest.raises(ConfigError, match="belongs to --record"), opened(audio=True):
        pass
