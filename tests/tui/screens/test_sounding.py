"""The keys of a turn's sound: written, played, stopped; of an event's turn, or of one that is chosen."""

from __future__ import annotations

import wave
from io import BytesIO

import pytest

from trunkline.errors import MediaError
from trunkline.telemetry.sound import Sound
from tui.desks import SyntheticDesk
from tui.inspecting import Basket, inspect
from tui.looking import look, screen_text, settle
from tui.test_listening import LONGEST_SECONDS, Speaker, joined

SOUND = Sound(24_000, b"\x01\x00" * 24_000, b"\x02\x00" * 12_000)


class Keeping(SyntheticDesk):
    """Has sound of two turns."""

    def turns_heard(self, key):
        return (30, 31)

    def sound(self, key, turn):
        return SOUND if turn in (30, 31) else None


def frames_of(content):
    with wave.open(BytesIO(content)) as file:
        return file.getparams()[:4]


def in_events(script, *, desk=None, speaker=None):
    """What a script on the inspector gives, with a player on it."""

    async def run(bench):
        bench.app.context.listening._play = speaker
        return await script(bench)

    return inspect(script=run, desk=desk or Keeping())


def in_session(*keys, desk=None, speaker=None):
    """Keys pressed on a session; gives the files, the screens after each key, and what plays."""

    async def run(app, pilot):
        app.context.listening._play = speaker
        app.screen.shelf = basket = Basket()
        seen = []
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
            seen.append(screen_text(app))
        return basket.files, seen, app.context.listening

    return look(run, keys=("enter",), desk=desk or Keeping())


def test_w_writes_both_sides_of_the_events_turn():
    async def script(bench):
        await bench.press("w")
        return bench.shelf.files

    ((name, content),) = in_events(script).items()
    assert name == "pstn-0107-turn-31-20251124T143205Z.wav"
    assert frames_of(content) == (2, 2, 24_000, 24_000)


def test_p_plays_the_events_turn_and_p_again_stops_it():
    speaker = Speaker()

    async def script(bench):
        await bench.press("p")
        assert speaker.begun.wait(LONGEST_SECONDS)
        playing = bench.text()
        await bench.press("p")
        joined(bench.app.context.listening)
        return playing, bench.text()

    playing, after = in_events(script, speaker=speaker)
    assert "playing turn 31, 1.00 s; p stops" in playing
    assert "stopped" in after
    ((pcm, rate_hz),) = speaker.played
    assert rate_hz == 24_000
    assert pcm[:4] == b"\x01\x00\x02\x00"
    assert len(pcm) == 96_000


def test_p_without_anything_to_play_it_on_says_what_to_install():
    speaker = Speaker(MediaError("speaker", "playing needs the extra 'devices'"))

    async def script(bench):
        await bench.press("p")
        joined(bench.app.context.listening)
        await bench.settle()
        await bench.settle()
        return bench.text()

    assert "playing needs the extra 'devices'" in in_events(script, speaker=speaker)


@pytest.mark.parametrize("key", ["w", "p"])
def test_where_audio_is_not_kept_both_keys_say_how_it_can_be(key):
    async def script(bench):
        await bench.press(key)
        return bench.shelf.files, bench.text()

    files, shown = in_events(script, desk=SyntheticDesk(), speaker=Speaker())
    assert files == {}
    assert "TRUNKLINE_KEEP_AUDIO=1" in shown
    assert "--audio" in shown


def test_a_console_without_a_player_says_so():
    async def script(bench):
        await bench.press("p")
        return bench.text()

    assert "w writes a file" in in_events(script)


def test_on_a_session_the_turn_is_chosen_the_newest_first():
    files, (menu, shown), _ = in_session("w", "1")
    assert menu.index("turn 31") < menu.index("turn 30")
    ((name, content),) = files.items()
    assert name == "kiosk-12-turn-31-20251124T143205Z.wav"
    assert content.startswith(b"RIFF")
    assert "written to" in shown
    files, _, _ = in_session("w", "2")
    assert list(files) == ["kiosk-12-turn-30-20251124T143205Z.wav"]


def test_a_question_that_is_left_writes_and_plays_nothing():
    speaker = Speaker()
    assert in_session("w", "escape", "p", "escape", speaker=speaker)[0] == {}
    assert speaker.played == []


def test_p_on_a_session_plays_what_is_chosen_and_stops_without_a_question():
    speaker = Speaker()
    _, (_, playing, after), listening = in_session("p", "2", "p", speaker=speaker)
    assert "playing turn 30" in playing
    assert "stopped" in after
    joined(listening)
    assert len(speaker.played) == 1


@pytest.mark.parametrize("key", ["w", "p"])
def test_a_session_of_which_nothing_is_kept_says_how_it_can_be(key):
    files, (shown,), _ = in_session(key, desk=SyntheticDesk(), speaker=Speaker())
    assert files == {}
    assert "TRUNKLINE_KEEP_AUDIO=1" in shown
