"""What a check says, and what a failure is a failure of."""

from __future__ import annotations

import pytest

from trunkline.diagnosis.finding import (
    Cause,
    Finding,
    Outcome,
    advice_on,
    blame,
    failed,
    not_applicable,
    ok,
    warned,
)
from trunkline.protocol.closure import Closure, Fault


def test_each_kind_says_how_it_went():
    found = [ok("a"), warned("a", "b"), failed("a", "b"), not_applicable("a")]
    assert [each.outcome for each in found] == [
        Outcome.OK,
        Outcome.WARNING,
        Outcome.FAILURE,
        Outcome.NOT_APPLICABLE,
    ]
    assert [each.advice for each in found] == ["", "b", "b", ""]
    assert all(each.cause is Cause.HERE for each in found)


def test_what_a_server_or_a_file_is_called_cannot_steer_a_terminal_or_show_a_key():
    evil = "\x1b]0;x\x07 sk-proj-0123456789\nsecond line"
    found = failed(evil, evil, cause=Cause.KEY, deep=[{evil: evil}], number=1.5, none=None)
    assert isinstance(found, Finding)
    shown = repr(found)
    assert "\\x1b" not in shown
    assert "0123456789" not in shown
    assert "\n" not in found.fact + found.advice
    assert (found.details["number"], found.details["none"]) == (1.5, None)


@pytest.mark.parametrize(
    ("closure", "cause"),
    [
        (Closure(status=401), Cause.KEY),
        (Closure(status=403), Cause.KEY),
        (Closure(code=3000, reason="invalid_request_error.invalid_api_key"), Cause.KEY),
        (Closure(code=4000, reason="invalid_request_error.account_deactivated"), Cause.KEY),
        (Closure(error_code="invalid_api_key", fault=Fault.TIMEOUT), Cause.KEY),
        (Closure(status=404), Cause.PROTOCOL),
        (Closure(status=426), Cause.PROTOCOL),
        (Closure(status=200, fault=Fault.HANDSHAKE), Cause.PROTOCOL),
        (Closure(status=302, fault=Fault.REDIRECT), Cause.PROTOCOL),
        (Closure(fault=Fault.NOT_TLS), Cause.PROTOCOL),
        (Closure(fault=Fault.GARBLED), Cause.PROTOCOL),
        (Closure(status=429, retry_after=3.0), Cause.SERVER),
        (Closure(status=503), Cause.SERVER),
        (Closure(code=1011), Cause.SERVER),
        (Closure(code=1013, reason="insufficient_quota.insufficient_quota"), Cause.SERVER),
        (Closure(error_code="model_not_found", code=4004), Cause.SERVER),
        (Closure(status=511), Cause.NETWORK),
        (Closure(code=1006, fault=Fault.RESET), Cause.NETWORK),
        (Closure(fault=Fault.REFUSED), Cause.NETWORK),
        (Closure(fault=Fault.NO_SUCH_NAME), Cause.NETWORK),
        (Closure(fault=Fault.CERTIFICATE_DATE), Cause.NETWORK),
        (Closure(fault=Fault.PROXY_AUTH), Cause.NETWORK),
        (Closure(fault=Fault.TIMEOUT), Cause.NETWORK),
    ],
    ids=lambda value: value.describe() if isinstance(value, Closure) else value.name,
)
def test_a_link_s_end_is_laid_to_what_is_to_blame(closure: Closure, cause: Cause):
    assert blame(closure) is cause


def test_nobody_who_waits_for_no_line_is_told_that_it_comes_back_by_itself():
    assert "firewall" in advice_on(Closure(fault=Fault.RESET))
    assert "operator" in advice_on(Closure(status=503))
    assert (
        advice_on(Closure(fault=Fault.REFUSED)) == "is the server running, and is the port right?"
    )
