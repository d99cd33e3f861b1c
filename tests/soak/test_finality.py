from __future__ import annotations

import pytest

from trunkline.protocol.closure import Closure
from trunkline.soak.finality import Final, Finality, is_expiry, is_fatal


@pytest.mark.parametrize(
    ("closure", "fatal"),
    [
        (Closure(status=403), True),
        (Closure(code=3000, reason="invalid_request_error.invalid_api_key"), True),
        (Closure(code=1013, reason="insufficient_quota.x"), True),
        (Closure(code=1011), False),
        (Closure(status=503), False),
    ],
)
def test_what_is_final_is_read_from_the_documents(closure: Closure, fatal: bool):
    assert is_fatal(closure) is fatal
    assert not is_expiry(closure)


def verdicts(*ends: tuple[Closure, float], explained: bool = False) -> Final:
    finality = Finality()
    return [finality.ended(closure, at, explained=explained) for closure, at in ends][-1]


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 1010])
def test_the_second_mistake_in_ten_minutes_is_final(code: int):
    assert verdicts((Closure(code=code), 0.0)) == (False, False)
    assert verdicts((Closure(code=code), 0.0), (Closure(code=code), 599.0)) == (True, True)
    assert verdicts((Closure(code=code), 0.0), (Closure(code=code), 600.0)) == (False, False)


@pytest.mark.parametrize("second", [Closure(code=1008), Closure(code=1009, reason="server_error")])
def test_another_end_is_no_repetition(second: Closure):
    assert verdicts((Closure(code=1009), 0.0), (second, 1.0)) == (False, False)


def test_what_an_error_event_explained_may_count_and_need_not():
    ends = ((Closure(code=1009), 0.0), (Closure(code=1009), 1.0))
    assert verdicts(*ends, explained=True) == (True, False)


def test_a_key_is_refused_for_good_when_a_new_one_is_until_the_line_was_live():
    finality = Finality()
    assert not finality.ended(Closure(status=401), 0.0, explained=False).may
    finality.live()
    assert not finality.ended(Closure(status=401), 1.0, explained=False).may
    assert not finality.ended(Closure(code=1011), 2.0, explained=False).may
    assert finality.ended(Closure(status=401), 3.0, explained=False).must
