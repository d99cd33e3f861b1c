from __future__ import annotations

from trunkline.soak.outcome import Outcome, Violation, total


def outcome(hours: float, trace: str) -> Outcome:
    one = Outcome(hours=hours, trace_hash=trace)
    one.faults["reset"] += 2
    one.coverage["reset", "live"] += 2
    one.violations.append(Violation(law="I1", seed="1/0", at=0.5, detail="lost", context=("a",)))
    return one


def test_the_document_has_exactly_the_five_keys():
    document = total([outcome(1.0, "a"), outcome(0.5, "b")]).to_dict()
    assert list(document) == ["hours", "faults", "violations", "coverage", "trace_hash"]
    assert document["hours"] == 1.5
    assert document["faults"] == {"reset": 4}
    assert document["coverage"] == {"reset": {"live": 4}}
    assert document["violations"][0] == {
        "law": "I1", "seed": "1/0", "at": 0.5, "detail": "lost", "context": ["a"],
    }  # fmt: skip


def test_the_hash_depends_on_the_order():
    one, other = outcome(1.0, "a"), outcome(1.0, "b")
    assert total([one, other]).trace_hash != total([other, one]).trace_hash
