from __future__ import annotations

from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.bookkeeper import Bookkeeper
from trunkline.protocol.drains import Drains
from trunkline.protocol.outbox import Outbox
from trunkline.protocol.policy import LinePolicy


def test_each_entry_is_told_once_and_a_gap_also_to_the_application():
    outbox, drains = Outbox(retention_samples=100), Drains(epoch=3)
    books = Bookkeeper(LinePolicy(rate_hz=1000), outbox, drains)
    outbox.accept(bytes(2 * 160))
    outbox.make_room(silent_until=20)
    books.tell(7.0)
    books.tell(8.0)
    reason = "older than the retention limit"
    assert list(drains.observations) == [
        seen.AudioConsumed(at=7.0, epoch=3, samples=20, evidence="heard"),
        seen.AudioGap(at=7.0, epoch=3, start_sample=20, samples=40, reason=reason),
    ]
    assert list(drains.events) == [events.LineGap(start_ms=20.0, duration_ms=40.0, reason=reason)]
