"""What the commands that say a sound file have in common."""

from __future__ import annotations

import pytest

from trunkline.cli.file_call import FileCall, check_target, spoken_session
from trunkline.errors import ConfigError, MediaError


def call(**options) -> FileCall:
    blank = dict.fromkeys(("wav", "save", "model", "voice", "record"))
    return FileCall(**({"command": "talk", "audio": False} | blank | options))


def test_without_a_file_there_is_no_call():
    with pytest.raises(ConfigError, match="no microphone yet"):
        call().hold({})


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
