from __future__ import annotations

from trunkline.protocol.closure import Closure
from trunkline.soak.pace import Pace

EXPIRY = Closure(code=1001, reason="Your session hit the maximum duration of 60 minutes.")


def test_the_second_try_is_quick_and_the_later_ones_keep_their_distance():
    pace = Pace(0.0)
    pace.ended(Closure(code=1011), 10.0)
    assert pace.complaint(10.0) == ""
    for _ in range(3):
        pace.ended(Closure(code=1011), 11.0)
    assert "try 4" in pace.complaint(11.2)
    assert pace.complaint(12.0) == ""


def test_the_servers_time_is_a_floor():
    pace = Pace(0.0)
    pace.ended(Closure(status=503, retry_after=5.0), 10.0)
    assert "before the server's time" in pace.complaint(14.9)
    assert pace.complaint(15.0) == ""


def test_an_expiry_is_no_try():
    pace = Pace(0.0)
    for _ in range(5):
        pace.ended(EXPIRY, 10.0)
    assert pace.streak == 0
    pace.ended(None, 10.0)
    pace.was_expiry()
    pace.was_expiry()
    assert pace.streak == 0


def test_what_a_second_link_made_good_is_no_try():
    pace = Pace(0.0)
    pace.ended(Closure(code=1011), 10.0)
    pace.uncounted()
    assert pace.streak == 0
    pace.ended(EXPIRY, 10.0)
    pace.uncounted()
    assert pace.streak == 0
