"""Logs of commands: off, until they are asked for."""

from __future__ import annotations

import io
import json
import logging
import stat

import pytest

from cli.running import KEY, trunkline
from trunkline.cli import logs as module
from trunkline.cli.logs import begin_logs, wants_logs
from trunkline.errors import ConfigError

CALL = ("demo", "--headless", "--seconds", "1", "--json")


@pytest.fixture
def logger(monkeypatch):
    """The package's logger as it is for a command that has just begun."""
    logger = logging.getLogger("trunkline")
    handlers, level, propagate = logger.handlers, logger.level, logger.propagate
    logger.handlers, logger.propagate = [], True
    yield logger
    for handler in logger.handlers:
        handler.close()
    logger.handlers, logger.propagate = handlers, propagate
    logger.setLevel(level)


def test_a_command_logs_its_line_as_json_on_stderr_and_keeps_stdout_for_data():
    run = trunkline("--log-format", "json", *CALL, TRUNKLINE_CODEC_BACKEND="scalar")
    assert run.returncode == 0
    json.loads(run.stdout)
    records = [json.loads(line) for line in run.stderr.splitlines()]
    told = [one["observation"] for one in records]
    assert {"SessionReady", "LinkEnded", "Restored", "Transition"} <= set(told)
    assert told.count("Restored") == len({one["epoch"] for one in records}) - 1
    assert {one["line"] for one in records} == {"demo"}


def test_without_a_word_nothing_is_logged():
    run = trunkline(*CALL)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_file_is_ours_alone_and_is_added_to(tmp_path):
    path = tmp_path / "log"
    for _ in range(2):
        run = trunkline("--log-file", str(path), *CALL, TRUNKLINE_LOG="text", OPENAI_API_KEY=KEY)
        assert (run.returncode, run.stderr) == (0, "")
    text = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert text.count("idle → dialing") == 0
    assert text.count("closing → closed") == 2
    assert KEY not in text


def test_another_form_is_a_mistake_of_the_setting():
    run = trunkline("explain", "1011", TRUNKLINE_LOG="xml")
    assert run.returncode == 2
    assert "TRUNKLINE_LOG: it is json or text, not 'xml'" in run.stderr


def test_a_file_that_cannot_be_had_is_told(monkeypatch, logger):
    monkeypatch.setenv("TRUNKLINE_LOG", "json")
    monkeypatch.setenv("TRUNKLINE_LOG_FILE", "/nowhere/log")
    with pytest.raises(ConfigError, match="No such file"):
        begin_logs()


def test_records_go_to_what_stderr_is_at_that_moment(monkeypatch, logger, capsys):
    monkeypatch.setenv("TRUNKLINE_LOG", "text")
    begin_logs()
    logger.info("one")
    assert capsys.readouterr().err.endswith(" INFO one\n")
    monkeypatch.setattr(module.sys, "stderr", kept := io.StringIO())
    logger.info("two")
    assert kept.getvalue().endswith(" INFO two\n")


def test_nothing_is_begun_without_a_word(monkeypatch, logger):
    monkeypatch.delenv("TRUNKLINE_LOG", raising=False)
    begin_logs()
    assert not wants_logs()
    assert logger.handlers == []
