from __future__ import annotations

import logging

from fleet.hand import BREATH, life, said, stamped
from trunkline.fleet.logbook import Logbook


def test_what_happens_to_each_line_is_logged_under_its_name(caplog):
    book = Logbook()
    with caplog.at_level(logging.INFO, logger="trunkline"):
        book.take(stamped(*life("a"), *life("b")), BREATH)
    assert {record.line for record in caplog.records} == {"line a", "line b"}
    assert "line a: idle → live (test)" in caplog.messages
    assert not any("hello" in message for message in caplog.messages)


def test_a_line_that_nobody_introduced_or_that_left_is_passed_over(caplog):
    logger = logging.getLogger("trunkline.test")
    book = Logbook(logger)
    with caplog.at_level(logging.DEBUG, logger="trunkline.test"):
        book.take(stamped(said("x", 100.0, "hello")), BREATH)
        book.take(stamped(*life("a")), BREATH)
        count = len(caplog.records)
        book.forget("a")
        book.take(stamped(*life("a")[1:]), BREATH)
    assert len(caplog.records) == count > 0
    assert {record.name for record in caplog.records} == {"trunkline.test"}
