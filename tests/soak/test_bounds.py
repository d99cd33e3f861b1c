from __future__ import annotations

from soak.staging import Quiet
from trunkline.protocol.books import Books
from trunkline.protocol.policy import LinePolicy
from trunkline.soak import bounds


class Accusations(list):
    def __call__(self, law: str, detail: str) -> None:
        self.append(law)


def kept(samples: int) -> Books:
    return Books(accepted=samples, consumed=0, retained=samples, gap=0, waiting=samples)


def test_audio_up_to_the_retention_is_lawful_and_one_sample_more_is_not():
    found = Accusations()
    policy = LinePolicy(retention_ms=20_000)
    bounds.audio_kept(kept(480_000), policy, found)
    assert found == []
    bounds.audio_kept(kept(480_001), policy, found)
    assert found == ["I13"]


def test_a_document_that_grows_without_end_is_found():
    found = Accusations()
    bounds.document_bytes(b" " * 4_000_000, LinePolicy(), found)
    assert found == []
    bounds.document_bytes(b" " * 8_000_000, LinePolicy(), found)
    assert found == ["I13"]


def test_a_line_that_keeps_everything_is_found():
    stage = Quiet()
    stage.driver.connection._outbox.is_overfull = lambda: False
    stage.server.down_until = 1e9
    stage.server.crash(1e9)
    stage._watch_bounds()
    for _ in range(200):
        stage.caller._microphone.captured(12_000, loud=False)
        stage.driver.send_audio(bytes(24_000))
    stage._watch_bounds()
    assert stage.laws == ["I13"]
