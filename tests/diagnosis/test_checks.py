"""The table of checks."""

from __future__ import annotations

from trunkline.diagnosis.checks import CHECKS
from trunkline.diagnosis.examination import TIME_LIMIT
from trunkline.diagnosis.finding import Cause


def test_every_check_has_a_name_of_its_own_and_needs_only_what_is_before_it():
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    for number, check in enumerate(CHECKS):
        assert set(check.needs) <= set(names[:number])


def test_what_leaves_this_machine_is_marked_and_a_failure_of_the_network():
    remote = {check.name for check in CHECKS if check.on_network}
    assert remote == {"name", "connection", "tls", "http", "clock", "session"}
    assert all((check.cause is Cause.NETWORK) is check.on_network for check in CHECKS)


def test_no_check_may_take_all_the_time_there_is():
    assert all(0 < check.limit < TIME_LIMIT for check in CHECKS)
