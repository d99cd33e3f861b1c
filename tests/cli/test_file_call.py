"""What the commands that say a sound file have in common."""

from __future__ import annotations

import wave

import pytest

from cli.running import SPEECH
from trunkline.cli.file_call import FileCall, check_target, spoken_session
from trunkline.errors import LineFailed, MediaError


def call(**options) -> FileCall:
    blank = dict.fromkeys(("save", "model", "voice", "record")) | {"wav": "in.wav"}
    return FileCall(**({"command": "talk", "audio": False} | blank | options))


def test_a_place_nobody_can_write_to_is_told_before_anything_is_said(tmp_path):
    check_target(None)
    check_target(str(tmp_path / "new.wav"))
    with pytest.raises(MediaError, match="no such folder"):
        check_target(str(tmp_path / "missing" / "new.wav"))


def test_a_session_has_its_voice_and_its_way_of_finding_turns():
    audio = spoken_session("marin", interrupt_response=False)["audio"]
    assert audio["output"] == {"voice": "marin"}
    assert audio["input"]["turn_detection"]["interrupt_response"] is False
    assert "output" not in spoken_session(None)["audio"]


def held(monkeypatch, tmp_path, *, played: bytes, failure: Exception | None = None) -> FileCall:
    """A call without a line: what came of it is given."""
    one = call(wav=str(SPEECH / "caller_3.wav"), save=str(tmp_path / "out.wav"))

    async def say(_pcm, _line) -> None:
        one.outcome.turns = 1
        one.outcome.played += played
        if failure is not None:
            raise failure

    monkeypatch.setattr(one, "_line", lambda *_: None)
    monkeypatch.setattr(one, "_say", say)
    return one


def test_what_was_played_of_a_call_that_fails_is_saved_all_the_same(monkeypatch, tmp_path):
    failure = LineFailed("the server is gone", "try later", ())
    one = held(monkeypatch, tmp_path, played=b"\1\0" * 100, failure=failure)
    with pytest.raises(LineFailed):
        one.hold({})
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.readframes(1000) == b"\1\0" * 100


@pytest.mark.parametrize(
    ("played", "words"), [(b"", "gave no answer"), (b"\1\0", "did not answer all of it")]
)
def test_a_call_without_all_answers_says_how_much_is_missing(monkeypatch, tmp_path, played, words):
    with pytest.raises(MediaError, match=words):
        held(monkeypatch, tmp_path, played=played).hold({})
