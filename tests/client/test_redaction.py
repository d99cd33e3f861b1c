"""Records of logs without keys, whoever wrote them."""

from __future__ import annotations

import gc
import json
import logging

import pytest

from trunkline.client.config import LineConfig
from trunkline.client.credentials import Secret
from trunkline.client.redaction import GUARDED, LiveKey, RedactingFilter, guard_logs, live_key
from trunkline.telemetry.logformat import JsonFormatter

KEY = "sk-test-canary-0123456789"
# A key that looks like none: only its value tells.
PLAIN = "4f+canary/azure=="


def _filtered(message: str, *args: object, **fields: object) -> logging.LogRecord:
    record = logging.LogRecord("x", logging.DEBUG, "f.py", 1, message, args, None)
    for name, value in fields.items():
        setattr(record, name, value)
    assert RedactingFilter().filter(record)
    return record


def test_what_looks_like_a_key_is_taken_out_of_the_message_and_its_arguments():
    record = _filtered("> %s: %s", "Authorization", f"Bearer {KEY}")
    assert record.getMessage() == "> Authorization: [redacted]"
    assert "canary" not in repr(vars(record))


def test_a_record_without_a_key_keeps_its_arguments():
    assert _filtered("%s of %d", "one", 2).args == ("one", 2)


def test_a_key_that_looks_like_none_is_known_by_its_value_for_as_long_as_it_is_held():
    first, second = Secret(PLAIN), Secret(PLAIN)
    query = "GET /?key=4f%2Bcanary%2Fazure%3D%3D"
    assert _filtered("%s", PLAIN).getMessage() == "[redacted]"
    assert "canary" not in _filtered(query).getMessage()
    del first
    gc.collect()
    assert _filtered("%s", PLAIN).getMessage() == "[redacted]"
    del second
    gc.collect()
    assert _filtered("%s", PLAIN).getMessage() == PLAIN


def test_a_short_key_is_no_reason_to_blot_out_letters():
    key = Secret("x")
    assert _filtered("xylophone").getMessage() == "xylophone"
    assert key
    assert LiveKey("x").blot("x") == "x"


def test_equal_keys_share_one_entry():
    first = live_key(KEY)
    assert live_key(KEY) is first


def test_arguments_that_do_not_fit_are_blotted_as_they_are():
    record = _filtered(f"{KEY} %d", KEY)
    assert "canary" not in repr((record.msg, record.args))


def test_a_traceback_that_quotes_a_key_is_blotted_and_others_are_left_alone():
    def told(words: str) -> logging.LogRecord:
        error = ValueError(words)
        return _filtered("it failed", exc_info=(ValueError, error, error.__traceback__))

    record = told(f"who is {KEY}?")
    text = logging.Formatter().format(record) + JsonFormatter().format(record)
    assert text.count("who is [redacted]") == 2
    assert "canary" not in text
    plain = told("nothing")
    assert plain.exc_info is not None
    assert "ValueError: nothing" in logging.Formatter().format(plain)


def test_a_stack_and_fields_of_a_records_own_are_blotted_as_deep_as_they_go():
    record = _filtered("x", stack_info=KEY, fact={"a": [KEY, 1, (KEY,)]}, other=KEY, number=3)
    assert "canary" not in repr(vars(record))
    assert record.number == 3  # type: ignore[attr-defined]
    assert record.fact["a"][1] == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", GUARDED)
def test_the_loggers_of_links_are_guarded_once_a_line_is_configured(
    name: str, caplog: pytest.LogCaptureFixture
):
    LineConfig(credential=KEY)
    guard_logs()
    guards = [one for one in logging.getLogger(name).filters if isinstance(one, RedactingFilter)]
    assert len(guards) == 1
    with caplog.at_level(logging.DEBUG, logger=name):
        logging.getLogger(name).debug("> Authorization: Bearer %s", KEY)
    assert "canary" not in caplog.text
    assert "[redacted]" in caplog.text


def test_a_handler_of_the_applications_own_may_carry_it_for_all_loggers():
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(JsonFormatter().format(record))

    handler, logger = Kept(), logging.getLogger("application.of.a.test")
    handler.addFilter(RedactingFilter())
    logger.addHandler(handler)
    key = Secret(PLAIN)
    logger.error("dialed with %s", PLAIN)
    logger.removeHandler(handler)
    assert json.loads(written[0])["message"] == "dialed with [redacted]"
    assert key
