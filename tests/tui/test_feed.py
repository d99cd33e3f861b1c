from __future__ import annotations

from trunkline.telemetry.handover import Handover
from trunkline.tui.feed import Feed


def test_the_handover_is_a_feed():
    feed = Handover()
    assert feed.latest() is feed.finished() is None
    assert {"latest", "finished"} <= set(dir(Feed))
