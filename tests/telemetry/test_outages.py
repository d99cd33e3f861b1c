from __future__ import annotations

from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.observations import LinkEnded, Restored, RetryScheduled
from trunkline.telemetry.outages import KEPT_OUTAGES, Outages


def _ended(at, epoch=1, **evidence):
    closure = Closure(**(evidence or {"code": 1006}))
    return LinkEnded(at=at, epoch=epoch, closure=closure, verdict=judge(closure), lived=1.0)


def _restored(at, epoch=2, lost=0):
    return Restored(at=at, epoch=epoch, items=3, items_dropped=0, replayed_samples=480,
                    lost_samples=lost, duplicated_samples=0, verified=True, owed=False, took=0.5)  # fmt: skip


def test_an_outage_lasts_until_the_line_is_live():
    outages = Outages(24_000)
    outages.link_ended(_ended(10.0))
    assert outages.is_open
    assert outages.seconds(10.4) > 0.39
    outages.restored(_restored(10.5))
    outages.live(10.5, 2)
    (outage,) = outages.view()
    assert (outage.seconds, outage.items, outage.replayed_ms) == (0.5, 3, 20.0)
    assert (outage.epoch, outage.restored_epoch, outages.ended) == (1, 2, 1)


def test_a_restore_told_after_live_still_belongs_to_its_outage():
    outages = Outages(24_000)
    outages.link_ended(_ended(10.0))
    outages.live(10.5, 2)
    outages.restored(_restored(10.5))
    assert outages.view()[0].items == 3


def test_failed_attempts_belong_to_the_outage_that_lasts():
    outages = Outages(24_000)
    outages.link_ended(_ended(10.0))
    outages.retry_scheduled(RetryScheduled(at=10.0, epoch=1, attempt=1, delay=0.1))
    outages.link_ended(_ended(10.3, epoch=2, code=1011))
    outages.retry_scheduled(RetryScheduled(at=10.3, epoch=2, attempt=2, delay=0.3))
    (outage,) = outages.view()
    assert (outage.code, outage.attempts) == (1006, 2)


def test_a_final_verdict_takes_over_the_cause():
    outages = Outages(24_000)
    outages.link_ended(_ended(10.0))
    outages.link_ended(_ended(11.0, epoch=2, code=3000))
    (outage,) = outages.view()
    assert outage.final
    assert outage.at == 10.0
    assert outage.cause == "the credential was not accepted"


def test_our_own_goodbye_is_no_outage():
    outages = Outages(24_000)
    outages.link_ended(_ended(10.0, code=1000, by_us=True))
    assert outages.view() == ()


def test_a_first_session_that_is_restored_from_nothing_is_no_outage():
    outages = Outages(24_000)
    outages.restored(_restored(1.0, epoch=1))
    outages.live(1.0, 1)
    assert (outages.view(), outages.ended) == ((), 0)


def test_totals_outlive_what_is_kept():
    outages = Outages(24_000)
    for n in range(KEPT_OUTAGES + 10):
        outages.link_ended(_ended(float(n)))
        outages.live(n + 0.5, n)
    assert len(outages.view()) == KEPT_OUTAGES
    assert outages.ended == KEPT_OUTAGES + 10
    assert outages.seconds(100.0) == (KEPT_OUTAGES + 10) / 2
