"""The table itself; that each row is reached is a matter of `closure.judge`."""

from __future__ import annotations

import pytest

from trunkline.protocol.verdicts import CODE_MEANINGS, RULES, UNKNOWN, Disposition, Rule

REPEATING = [rule for rule in RULES if rule.repeat is not None]


def row(match: str) -> Rule:
    return next(rule for rule in RULES if rule.match == match)


@pytest.mark.parametrize("rule", REPEATING, ids=lambda rule: rule.match)
def test_a_row_that_repeats_speaks_differently_from_its_count_on(rule: Rule):
    assert rule.repeat is not None
    count = rule.repeat.count
    assert rule.verdict(count - 1) == rule.verdict()
    assert rule.verdict(count) == rule.verdict(count + 1) != rule.verdict()
    assert rule.verdict(count).disposition is rule.repeat.disposition
    assert not rule.verdict(count).refresh_credential


@pytest.mark.parametrize(
    "code", [1002, 1003, 1007, 1008, 1009, 1010], ids=lambda code: f"close {code}"
)
def test_what_may_be_our_mistake_is_tried_once_more(code: int):
    rule = row(f"code:{code}")
    assert rule.repeat is not None
    assert (rule.repeat.count, rule.repeat.within) == (2, 600.0)
    assert rule.verdict(2).disposition is Disposition.FATAL
    assert rule.verdict(2).cause == CODE_MEANINGS[code] + ", for the second time in ten minutes"


def test_a_name_that_does_not_exist_is_asked_for_again_and_says_so():
    rule = row("fault:NO_SUCH_NAME")
    assert rule.verdict(3).disposition is Disposition.RETRY
    assert "three times" in rule.verdict(3).cause
    assert "base URL" in rule.verdict(3).advice


def test_every_other_row_says_the_same_however_often():
    for rule in (UNKNOWN, *RULES):
        if rule.repeat is None:
            assert rule.verdict(1000) == rule.verdict()


def test_a_refused_credential_without_a_second_word_is_asked_for_anew():
    assert [rule.match for rule in RULES if rule.refresh_credential] == [
        "key:ephemeral",
        "status:401",
        "fault:SUSPENDED",
    ]
