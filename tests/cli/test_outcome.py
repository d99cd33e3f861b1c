"""Errors to exit codes and words: every error, and every row of the verdict table."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import trunkline
from cli.running import trunkline as run
from trunkline.cli import outcome
from trunkline.cli.outcome import (
    MEANINGS,
    ExitCode,
    cause_code,
    error_of,
    exit_code,
    outcome_of,
)
from trunkline.diagnosis.finding import Cause
from trunkline.errors import (
    CodecError,
    ConfigError,
    LineFailed,
    LinkClosed,
    LocalError,
    MediaError,
    OutboxFull,
    RemoteError,
    RetriesExhausted,
    RotationAbandoned,
    StreamError,
    TrunklineError,
)
from trunkline.protocol.closure import RULES, Closure, Fault, rule_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("model", "none"), 2),
        (MediaError("a.wav", "broken"), 8),
        (CodecError("odd", 3), 8),
        (LocalError("send", "closed"), 7),
        (RemoteError("x", "broken"), 7),
        (OutboxFull(1000), 1),
        (StreamError("torn"), 9),
        (LineFailed("cause", "advice", [Closure(code=3000)]), 4),
        (LineFailed("cause", "advice", [Closure(code=1006), Closure(status=401)]), 4),
        (LineFailed("cause", "advice", [Closure(error_code="invalid_api_key")]), 4),
        (LineFailed("cause", "advice", [Closure(code=1013, reason="insufficient_quota.x")]), 5),
        (LineFailed("cause", "advice", [Closure(status=429)]), 5),
        (RetriesExhausted("cause", "advice", [Closure(error_code="rate_limit_exceeded")]), 5),
        (LineFailed("cause", "advice", [Closure(code=4000, reason="invalid_request_error.missing_model")]), 2),
        (LineFailed("cause", "advice", [Closure(status=404)]), 2),
        (LineFailed("cause", "advice", [Closure(fault=Fault.FRAMING)]), 7),
        (LineFailed("cause", "advice", [Closure(fault=Fault.INTERNAL)]), 1),
        (RetriesExhausted("cause", "advice", [Closure(fault=Fault.REFUSED)]), 6),
        # Overloaded or without credit: the code alone does not say which.
        (RetriesExhausted("cause", "advice", [Closure(code=1013)]), 6),
        (LineFailed("cause", "advice", []), 6),
        (LinkClosed(Closure(status=403)), 4),
        (RotationAbandoned("cause", "advice", None), 6),
        (RotationAbandoned("cause", "advice", Closure(code=3000)), 4),
    ],
    ids=repr,
)  # fmt: skip
def test_each_error_has_its_exit_code(error, code: int):
    assert exit_code(error) == code


def _errors(kind: type[TrunklineError]) -> list[type[TrunklineError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _errors(child))]


def test_every_error_of_the_package_is_in_the_table():
    # The second wants a package that no extra brings.
    left_out = {"trunkline.__main__", "trunkline.adapters.agents"}
    for module in pkgutil.walk_packages(trunkline.__path__, "trunkline."):
        if module.name not in left_out:
            importlib.import_module(module.name)
    ours = [each for each in _errors(TrunklineError) if each.__module__.startswith("trunkline.")]
    kinds = tuple(kind for kind, _ in outcome._KINDS)
    left = {each.__name__ for each in ours if not issubclass(each, kinds)}
    # The base is never raised, two are answered in the console, and a simulator that does not start is a plain failure.
    assert left == {"TrunklineError", "FaultRefused", "FilterError", "SimulatorFailed"}


LIMITS = {
    "error:insufficient_quota", "error:credit_balance_exhausted", "error:billing_hard_limit_reached",
    "error:rate_limit_exceeded", "error:inference_rate_limit_exceeded", "type:insufficient_quota",
    "reason:insufficient_quota*", "reason:billing_hard_limit_reached*", "reason:rate_limit_exceeded*", "status:429",
}  # fmt: skip
KEYS = {
    "key:ephemeral", "error:invalid_api_key", "error:account_deactivated",
    "reason:invalid_request_error.invalid_api_key", "reason:invalid_request_error.account_deactivated",
    "code:3000", "status:401", "status:403", "fault:CREDENTIAL",
}  # fmt: skip


def _of_row(match: str) -> ExitCode:
    return next((code for begin, code in outcome._ROWS if match.startswith(begin)), ExitCode.NETWORK)  # fmt: skip


def test_the_verdict_table_s_rows_of_keys_and_limits_are_all_told_as_such():
    assert {rule.match for rule in RULES if _of_row(rule.match) is ExitCode.LIMIT} == LIMITS
    assert {rule.match for rule in RULES if _of_row(rule.match) is ExitCode.KEY} == KEYS


def test_what_advises_to_correct_the_request_is_wrong_usage():
    for rule in RULES:
        if rule.advice.startswith("correct the"):
            assert _of_row(rule.match) is ExitCode.USAGE, rule.match


def test_no_row_of_ours_speaks_of_nothing():
    for begin, _ in outcome._ROWS:
        assert any(rule.match.startswith(begin) for rule in RULES), begin


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.match)
def test_every_way_a_link_can_end_has_a_code(rule):
    kind, _, rest = rule.match.rstrip("*").partition(":")
    closure = {
        "error": lambda: Closure(error_code=rest),
        "type": lambda: Closure(error_type=rest),
        "reason": lambda: Closure(reason=rest),
        "code": lambda: Closure(code=int(rest.ljust(4, "9"))),
        "status": lambda: Closure(status=int({"52": "520"}.get(rest, rest.ljust(3, "9")))),
        "fault": lambda: Closure(fault=Fault[rest]),
        "key": lambda: Closure(ephemeral_key=True, status=401),
    }[kind]()
    assert rule_of(closure) is rule
    assert outcome_of(LineFailed("cause", "advice", [closure])) is _of_row(rule.match)


def test_each_code_has_a_meaning_and_help_says_it():
    assert set(MEANINGS) == set(ExitCode)
    told = " ".join(run("--help").stdout.split())
    for code, meaning in MEANINGS.items():
        assert f"{int(code)} {meaning}" in told


def test_a_document_s_error_has_the_word_and_the_number():
    assert error_of(ExitCode.LIMIT) == {"code": "limit", "exit_code": 5}
    assert error_of(ExitCode.KEY, "no")["message"] == "no"
    assert len({code.word for code in ExitCode}) == len(ExitCode)


def test_what_failed_has_the_code_of_what_it_is_a_failure_of():
    assert cause_code(None) == 0
    codes = {cause.name: cause_code(cause) for cause in Cause}
    assert codes == {"HERE": 1, "SERVER": 1, "KEY": 4, "NETWORK": 6, "PROTOCOL": 7}
