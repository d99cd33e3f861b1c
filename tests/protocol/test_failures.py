from __future__ import annotations

import pytest

from protocol.driving import Line
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.failures import Failure, failure_of


def fail(code: str, message: str) -> Line:
    line = Line().come_live()
    details = {"type": "failed", "error": {"code": code, "message": message}}
    response = {"id": "r", "status": "failed", "status_details": details}
    line.hear("response.done", response=response)
    return line


@pytest.mark.parametrize("code", ["rate_limit_exceeded", "inference_rate_limit_exceeded"])
def test_a_rate_limit_inside_a_failed_response_is_told_with_its_time(code: str):
    line = fail(code, "Rate limit reached. Please try again in 1m2.5s.")
    (limited,) = line.of(events.RateLimited)
    assert (limited.response_id, limited.code, limited.retry_after) == ("r", code, 62.5)
    assert [(fact.code, fact.response_id) for fact in line.of(seen.ResponseFailed)] == [(code, "r")]


def test_another_failure_is_told_and_is_no_rate_limit():
    line = fail("server_error", "oops")
    assert line.of(events.RateLimited) == []
    assert line.of(seen.ResponseFailed)[0].message == "oops"


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("try again in 20ms", 0.02),
        ("try again in 6s.", 6.0),
        ("wait", None),
        ("try again in", None),
    ],
)
def test_the_time_is_read_from_the_sentence(message: str, seconds: float | None):
    assert Failure(code="x", message=message).retry_after == pytest.approx(seconds)


@pytest.mark.parametrize("response", [{}, {"status_details": None}, {"status_details": {}}])
def test_a_response_that_names_no_error_tells_of_none(response: dict):
    assert failure_of(response) is None


def test_an_error_of_odd_fields_is_still_one():
    odd = {"status_details": {"error": {"type": "server_error", "message": 5}}}
    assert failure_of(odd) == Failure(code="server_error", message="")
