from __future__ import annotations

from types import SimpleNamespace

from trunkline.soak.ledgers import Ledgers


def session() -> SimpleNamespace:
    return SimpleNamespace(is_gone=False, link=SimpleNamespace(is_ours=True))


def test_the_oldest_session_that_was_not_left_serves():
    ledgers, first, second = Ledgers(), session(), session()
    assert ledgers.serving() is None
    ledgers.opened(first, 1, 0)
    ledgers.opened(second, 2, 0)
    assert ledgers.serving() is ledgers.of(first)
    assert ledgers.others(ledgers.of(first)) == [ledgers.of(second)]
    first.link.is_ours = False
    assert ledgers.serving() is ledgers.of(second)
    assert ledgers.serving().wanted == 2


def test_a_session_is_succeeded_once_a_later_one_has_audio_or_it_was_left_for_one():
    ledgers, first, second = Ledgers(), session(), session()
    ledgers.opened(first, 1, 0)
    first.link.is_ours = False
    assert not ledgers.is_succeeded(ledgers.of(first))
    ledgers.opened(second, 1, 0)
    assert ledgers.is_succeeded(ledgers.of(first))
    first.link.is_ours = True
    assert not ledgers.is_succeeded(ledgers.of(first))
    ledgers.of(second).began = True
    assert ledgers.is_succeeded(ledgers.of(first))


def test_a_session_that_is_gone_is_forgotten_with_the_next():
    ledgers, first = Ledgers(), session()
    ledgers.opened(first, 1, 0)
    first.is_gone = True
    assert ledgers.of(first) is not None
    ledgers.opened(session(), 1, 0)
    assert ledgers.of(first) is None
