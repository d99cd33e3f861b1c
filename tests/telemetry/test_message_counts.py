from __future__ import annotations

from trunkline.telemetry.message_counts import MOST_TYPES, MessageCounts


def test_types_are_counted_by_direction():
    counts = MessageCounts()
    counts.count("up", "a")
    counts.count("up", "a", 3)
    counts.count("down", "a", 2)
    counts.count("down", "b", 0)
    assert counts.told() == {"up a": 4, "down a": 2}


def test_there_are_no_more_types_than_are_told_apart():
    counts = MessageCounts()
    for number in range(MOST_TYPES + 5):
        counts.count("down", f"t{number}")
    told = counts.told()
    assert len(told) == MOST_TYPES + 1
    assert told["down other"] == 5
