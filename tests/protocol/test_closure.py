from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.closure import (
    CODE_MEANINGS,
    RULES,
    Closure,
    Disposition,
    Fault,
    Phase,
    Rule,
    judge,
)

EXPIRED = "Your session hit the maximum duration of 60 minutes."


def evidence_of(rule: Rule) -> Closure:
    """A closure that shows nothing but what the row answers to."""
    kind, _, wanted = rule.match.partition(":")
    starred = wanted.endswith("*")
    text = wanted.rstrip("*")
    if kind == "key":
        return Closure(ephemeral_key=True, error_code="invalid_api_key")
    if kind == "error":
        return Closure(error_code=text)
    if kind == "type":
        return Closure(error_type=text)
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
    second = judge(Closure(status=401), times=2)
    assert second.disposition is Disposition.FATAL
    assert not second.refresh_credential
    assert second.advice


@pytest.mark.parametrize(
    "refused",
    [
        Closure(code=3000, reason="invalid_request_error.invalid_api_key", ephemeral_key=True),
        Closure(code=3000, error_code="invalid_api_key", ephemeral_key=True),
        Closure(status=401, ephemeral_key=True),
    ],
)
def test_an_ephemeral_key_that_is_refused_may_only_have_ended(refused: Closure):
    assert judge(refused).refresh_credential
    assert judge(refused).disposition is Disposition.RETRY
    assert judge(refused, times=2).disposition is Disposition.FATAL
    # Nobody is there who could mint another.
    assert judge(refused, renewable=False).disposition is Disposition.FATAL
    lasting = replace(refused, ephemeral_key=False, status=None, error_code="invalid_api_key")
    assert judge(lasting).disposition is Disposition.FATAL
    other = Closure(code=1013, reason="insufficient_quota.x", ephemeral_key=True)
    assert judge(other).disposition is Disposition.FATAL


def test_a_key_that_cannot_be_asked_for_again_is_refused_once_and_for_all():
    verdict = judge(Closure(status=401), renewable=False)
    assert verdict.disposition is Disposition.FATAL
    assert not verdict.refresh_credential


@pytest.mark.parametrize(
    "fault", [fault for fault in Fault if fault.name.startswith("CERTIFICATE")]
)
def test_a_certificate_that_is_not_trusted_is_final(fault: Fault):
    assert judge(Closure(fault=fault)).disposition is Disposition.FATAL


@pytest.mark.parametrize(
    ("fault", "hint"),
    [
        (Fault.CERTIFICATE_DATE, "clock"),
        (Fault.CERTIFICATE_NAME, "base URL"),
        (Fault.CERTIFICATE_ISSUER, "CA bundle"),
    ],
)
def test_a_certificate_is_refused_with_a_hint(fault: Fault, hint: str):
    assert hint in judge(Closure(fault=fault)).advice


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 426, 410, 451])
def test_what_the_server_will_refuse_again_is_final(status: int):
    assert judge(Closure(status=status), times=2).disposition is Disposition.FATAL


@pytest.mark.parametrize(
    "status", [408, 425, 429, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 529, 530]
)
def test_what_may_pass_is_retried_and_never_sooner_than_the_server_asks(status: int):
    verdict = judge(Closure(status=status, retry_after=20.0), times=99)
    assert verdict.disposition is Disposition.RETRY
    assert verdict.floor_delay == 20.0


@pytest.mark.parametrize(
    "closure", [Closure(status=200), Closure(status=511), Closure(fault=Fault.HANDSHAKE)]
)
def test_what_is_no_websocket_is_retried_slowly(closure: Closure):
    assert judge(closure).disposition is Disposition.RETRY
    assert judge(closure).floor_delay >= 15.0


def test_an_error_without_a_code_is_told_by_its_type():
    assert judge(Closure(error_type="insufficient_quota")).disposition is Disposition.FATAL
    assert judge(Closure(error_type="server_error", code=1008)).floor_delay == 0.0
    # A refused request leaves the session open, so alone it does not explain an end.
    refused = Closure(error_type="invalid_request_error", code=1006)
    assert judge(refused).disposition is Disposition.RETRY


@pytest.mark.parametrize("code", [3001, 3999, 4001, 4002, 4003, 4008, 4999])
def test_a_private_code_that_nobody_explained_is_final(code: int):
    assert judge(Closure(code=code)).disposition is Disposition.FATAL
    assert judge(Closure(code=code, reason="server_error")).disposition is Disposition.RETRY


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
    slow = Closure(fault=Fault.TIMEOUT, phase=Phase.TLS)
    assert slow.describe() == "timed out while shaking hands (TLS)"
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
    st.integers(1, 9),
    st.booleans(),
)
def test_any_closure_has_a_verdict(closure: Closure, times: int, renewable: bool):
    verdict = judge(closure, times=times, renewable=renewable)
    assert 0 <= verdict.floor_delay <= 300
    assert verdict.cause


def test_a_machine_that_slept_goes_on_with_the_only_key_it_has():
    slept = Closure(fault=Fault.SUSPENDED, by_us=True)
    assert judge(slept).refresh_credential
    verdict = judge(slept, renewable=False)
    assert (verdict.disposition, verdict.refresh_credential) == (Disposition.RETRY, False)
