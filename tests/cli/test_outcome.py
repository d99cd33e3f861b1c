"""Errors to exit codes."""

from __future__ import annotations

import pytest

from trunkline.cli.outcome import cause_code, exit_code
from trunkline.diagnosis.finding import Cause
from trunkline.errors import (
    CodecError,
    ConfigError,
    LineFailed,
    LocalError,
    MediaError,
    OutboxFull,
    RetriesExhausted,
)
from trunkline.protocol.closure import Closure, Fault


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("model", "none"), 2),
        (MediaError("a.wav", "broken"), 8),
        (CodecError("odd", 3), 8),
        (LocalError("send", "closed"), 7),
        (OutboxFull(1000), 1),
        (LineFailed("cause", "advice", [Closure(code=3000)]), 4),
        (LineFailed("cause", "advice", [Closure(code=1006), Closure(status=401)]), 4),
        (RetriesExhausted("cause", "advice", [Closure(fault=Fault.REFUSED)]), 6),
        (LineFailed("cause", "advice", []), 6),
    ],
    ids=repr,
)
def test_each_error_has_its_exit_code(error, code: int):
    assert exit_code(error) == code


def test_what_failed_has_the_code_of_what_it_is_a_failure_of():
    assert cause_code(None) == 0
    codes = {cause.name: cause_code(cause) for cause in Cause}
    assert codes == {"HERE": 1, "SERVER": 1, "KEY": 4, "NETWORK": 6, "PROTOCOL": 7}
