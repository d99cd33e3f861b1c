from __future__ import annotations

from trunkline.protocol import observations as seen
from trunkline.protocol.compound_facts import ChunkPassed, DeltaPassed, Flow, expanded, next_fact

CHUNK = ChunkPassed(1.0, 3, 480, b"up")
DELTA = DeltaPassed(1.5, 3, "r", "i", 240, b"down")
RARE = seen.PingTimedOut(at=2.0, epoch=3)
SINGLE = [
    seen.AudioAccepted(at=1.0, epoch=3, samples=480),
    seen.AudioSent(at=1.0, epoch=3, samples=480, replayed=False),
    seen.MessagePassed(
        at=1.0,
        epoch=3,
        direction=seen.Direction.UP,
        type="input_audio_buffer.append",
        size_bytes=2,
        message=b"up",
    ),
    seen.MessagePassed(
        at=1.5,
        epoch=3,
        direction=seen.Direction.DOWN,
        type="response.output_audio.delta",
        size_bytes=4,
        message=b"down",
    ),
    seen.AudioReceived(at=1.5, epoch=3, response_id="r", item_id="i", samples=240),
    RARE,
]


def test_compound_facts_are_the_facts_of_the_ordinary_path_in_its_order():
    assert list(expanded([CHUNK, DELTA, RARE])) == SINGLE
    assert [fact.message for fact in CHUNK.facts()[2:]] == [b"up"]
    assert [fact.message for fact in DELTA.facts()[:1]] == [b"down"]


def test_they_are_taken_out_one_by_one():
    facts = [CHUNK, Flow(1.2, 3, 1.3), DELTA, RARE]
    assert [next_fact(facts) for _ in SINGLE] == SINGLE
    assert next_fact(facts) is None


def test_a_flow_has_no_single_facts():
    assert list(expanded([Flow(1.2, 3, 1.3)])) == []
    assert next_fact([Flow(1.2, 3, 1.3)]) is None
