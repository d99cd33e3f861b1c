from __future__ import annotations

import pytest

from soak.staging import Quiet
from trunkline.soak.caller import settings_of
from trunkline.soak.profile import OPERATIONS


def test_settings_show_their_version_and_the_mode():
    stage = Quiet()
    by_hand = settings_of(stage.habits, by_hand=True, version=7)
    assert by_hand["instructions"] == "v7"
    assert by_hand["audio"]["input"]["turn_detection"] is None
    listening = settings_of(stage.habits, by_hand=False, version=0)
    assert listening["audio"]["input"]["turn_detection"]["type"] == "server_vad"


@pytest.mark.parametrize("number", range(4))
def test_it_speaks_is_answered_and_goes_on(number: int):
    stage = Quiet(number).go(300.0)
    assert stage.caller.turns >= 3
    assert stage.caller.speaker.answers
    assert all(one.played > 0 for one in list(stage.caller.speaker.answers.values())[:-2])
    assert stage.caller.captured_seconds > 3
    assert stage.laws == []


@pytest.mark.parametrize(
    "name",
    [
        one.name
        for one in OPERATIONS
        if one.enabled and one.name not in ("tool", "reopen", "snapshot")
    ],
)
def test_each_operation_leaves_all_promises_whole(name: str):
    stage = Quiet().go(20.0)
    for _ in range(3):
        stage.caller.do(name)
        stage.go(15.0)
    stage.link.reset()
    stage.trouble(5.0)
    stage._calm_down()
    assert stage.laws == []


def test_a_slow_reader_reads_everything_later():
    stage = Quiet().go(20.0)
    stage.caller.slow_down(30.0)
    stage.go(29.0)
    before = len(stage.caller.speaker.answers)
    stage.go(60.0)
    assert len(stage.caller.speaker.answers) > before
