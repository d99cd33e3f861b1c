from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.closure import (
    CODE_MEANINGS,
    RULES,
    Closure,
    Disposition,
    Fault,
    Rule,
    judge,
)

EXPIRED = "Your session hit the maximum duration of 60 minutes."


def evidence_of(rule: Rule) -> Closure:
    """A closure that shows nothing but what the row answers to."""
    kind, _, wanted = rule.match.partition(":")
    starred = wanted.endswith("*")
    text = wanted.rstrip("*")
    if kind == "error":
        return Closure(error_code=text)
    if kind == "reason":
        return Closure(reason=text + (".more" if starred else ""))
    if kind == "code":
        return Closure(code=int(text + "999") if starred else int(text))
    if kind == "status":
        return Closure(status=int(text + "18") if starred else int(text))
    return Closure(fault=Fault[text])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.match)
def test_each_row_is_reached_by_its_own_evidence_and_says_what_it_holds(rule: Rule):
    verdict = judge(evidence_of(rule))
    assert verdict == rule.verdict()
    assert rule.source
    assert rule.advice
    assert rule.cause
    assert rule.disposition is not Disposition.DONE


def test_no_two_rows_answer_to_the_same_evidence():
    matches = [rule.match for rule in RULES]
    assert len(matches) == len(set(matches))


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_every_fault_has_a_row(fault: Fault):
    assert judge(Closure(fault=fault)).cause == fault.value


@pytest.mark.parametrize("code", range(1000, 1016))
def test_every_websocket_code_has_a_sentence(code: int):
    assert CODE_MEANINGS[code]
    assert str(code) in Closure(code=code).describe()


@pytest.mark.parametrize(
    ("closure", "disposition"),
    [
        # The error's code outranks the reason, the reason the code, the code the status, the status the fault.
        (Closure(error_code="session_expired", reason="insufficient_quota"), Disposition.ROTATE),
        (Closure(reason="insufficient_quota.new_word", code=1001), Disposition.FATAL),
        (Closure(code=4000, status=503), Disposition.FATAL),
        (Closure(status=503, fault=Fault.PROXY), Disposition.RETRY),
        (Closure(status=403, fault=Fault.HANDSHAKE), Disposition.FATAL),
        # A code that nobody sent says less than what the transport met.
        (Closure(code=1006, fault=Fault.CERTIFICATE), Disposition.FATAL),
        (Closure(code=1011, fault=Fault.CERTIFICATE, by_us=True), Disposition.FATAL),
        (Closure(code=1011, fault=Fault.CERTIFICATE), Disposition.RETRY),
        # An error code without a row leaves the word to the rest.
        (Closure(error_code="invalid_value", code=4004), Disposition.FATAL),
    ],
)
def test_the_strongest_evidence_speaks(closure: Closure, disposition: Disposition):
    assert judge(closure).disposition is disposition


@pytest.mark.parametrize("rest", ["insufficient_quota", "credit_balance_exhausted"])
def test_try_again_later_without_credit_is_final(rest: str):
    assert (
        judge(Closure(code=1013, reason=f"insufficient_quota.{rest}")).disposition
        is Disposition.FATAL
    )
    assert judge(Closure(code=1013)).disposition is Disposition.RETRY
    assert judge(Closure(code=1013)).floor_delay == 5.0


@pytest.mark.parametrize(
    "closure",
    [
        Closure(code=1001, reason=EXPIRED),
        Closure(code=1006, error_code="session_expired"),
        Closure(code=1001, reason="invalid_request_error.session_expired"),
    ],
)
def test_the_end_of_a_sessions_time_is_nobodys_fault(closure: Closure):
    assert judge(closure).disposition is Disposition.ROTATE


def test_a_refused_key_is_refreshed_once_and_then_final():
    first = judge(Closure(status=401))
    assert first.disposition is Disposition.RETRY
    assert first.refresh_credential
    second = judge(Closure(status=401), refused_before=True)
    assert second.disposition is Disposition.FATAL
    assert not second.refresh_credential
    assert second.advice


def test_a_certificate_that_is_not_trusted_is_final():
    assert judge(Closure(fault=Fault.CERTIFICATE)).disposition is Disposition.FATAL


@pytest.mark.parametrize(
    ("asked", "floor"), [(7.0, 7.0), (0.0, 1.0), (-3.0, 1.0), (9999.0, 300.0), (math.inf, 300.0)]
)
def test_what_the_server_asks_for_is_a_floor_within_five_minutes(asked: float, floor: float):
    assert judge(Closure(status=429, retry_after=asked)).floor_delay == floor


def test_a_floor_that_is_no_number_changes_nothing():
    assert judge(Closure(status=429, retry_after=math.nan)).floor_delay == 1.0


@pytest.mark.parametrize(
    "closure", [Closure(), Closure(code=1004), Closure(reason="?"), Closure(status=101)]
)
def test_what_is_unknown_is_tried_again_after_a_second(closure: Closure):
    verdict = judge(closure)
    assert verdict.disposition is Disposition.RETRY
    assert verdict.floor_delay == 1.0


def test_what_we_closed_by_choice_is_done():
    assert judge(Closure(code=1000, by_us=True)).disposition is Disposition.DONE


def test_what_we_closed_by_judgement_is_judged():
    assert judge(Closure(code=1006, fault=Fault.DEAD, by_us=True)).disposition is Disposition.RETRY


def test_a_closure_describes_itself_in_one_clean_line():
    closure = Closure(code=1011, status=500, reason="\x1b]0;x", fault=Fault.RESET, detail="why")
    assert closure.describe() == "close 1011, HTTP 500, \u241b]0;x, connection reset, why"
    assert Closure(error_code="c").describe() == "c"
    assert Closure().describe() == "no evidence"


words = st.none() | st.text(max_size=40)


@given(
    st.builds(
        Closure,
        error_type=words,
        error_code=words,
        code=st.none() | st.integers(),
        reason=st.text(max_size=60),
        status=st.none() | st.integers(),
        retry_after=st.none() | st.floats(),
        fault=st.none() | st.sampled_from(Fault),
        by_us=st.booleans(),
    ),
    st.booleans(),
)
def test_any_closure_has_a_verdict(closure: Closure, refused: bool):
    verdict = judge(closure, refused_before=refused)
    assert 0 <= verdict.floor_delay <= 300
    assert verdict.cause
