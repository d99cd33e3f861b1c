from __future__ import annotations

from typing import Any

import pytest

from soak.staging import Quiet
from trunkline.protocol.policy import LinePolicy
from trunkline.soak import bounds


class Accusations(list):
    def __call__(self, law: str, detail: str) -> None:
        self.append(law)


def document(kept: int, words: str = "") -> dict[str, Any]:
    return {"audio": {"accepted": 9_000_000, "kept_from": 9_000_000 - kept}, "items": [words]}


@pytest.mark.parametrize(("retention_ms", "most"), [(9_000, 216_000), (20_000, 480_000 + 36_000)])
def test_audio_up_to_the_retention_is_lawful_and_one_sample_more_is_not(
    retention_ms: int, most: int
):
    """From ten seconds on with a second and a half of slack."""
    found = Accusations()
    policy = LinePolicy(retention_ms=retention_ms)
    bounds.weigh(document(most), policy, found)
    assert found == []
    bounds.weigh(document(most + 1), policy, found)
    assert found == ["I13"]


def test_a_document_that_grows_without_end_is_found():
    found = Accusations()
    bounds.weigh(document(0, " " * 4_000_000), LinePolicy(), found)
    assert found == []
    bounds.weigh(document(0, " " * 8_000_000), LinePolicy(), found)
    assert found == ["I13"]


def fill(stage: Quiet, seconds: int) -> None:
    for _ in range(2 * seconds):
        stage.caller._microphone.captured(12_000, loud=False)
        stage.driver.send_audio(bytes(24_000))
    bounds.look(stage.driver.connection, stage.accuse)


def test_a_line_that_waits_for_its_server_keeps_what_it_may():
    stage = Quiet().go(30.0)
    stage.server.crash(1e9)
    stage.go(1.0)
    fill(stage, 100)
    assert 60 * 24_000 <= stage.driver.connection.books().retained <= 61 * 24_000
    assert stage.laws == []


def test_a_line_that_keeps_everything_is_found():
    stage = Quiet().go(30.0)
    stage.driver.connection._outbox.is_overfull = lambda: False
    stage.server.crash(1e9)
    stage.go(1.0)
    fill(stage, 100)
    assert set(stage.laws) == {"I13"}
