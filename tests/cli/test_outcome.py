"""Errors to exit codes."""

from __future__ import annotations

import pytest

from trunkline.cli.outcome import exit_code
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
