"""Logs of a command: off unless they are asked for, then one line a record on stderr or in a file."""

from __future__ import annotations

import logging
import os
import sys
from typing import IO, Any

from trunkline.errors import ConfigError
from trunkline.text import clean

__all__ = ["FILE", "FORMAT", "begin_logs", "wants_logs"]

FORMAT = "TRUNKLINE_LOG"
"""`json` or `text` has a command log what happens to its lines."""
FILE = "TRUNKLINE_LOG_FILE"
"""Where to, instead of stderr; it is added to."""

_TEXT = "%(asctime)s %(levelname)s %(message)s"


class _Stderr(logging.StreamHandler[IO[str]]):
    """Writes to what stderr is at that moment: while screens are shown it is theirs, and logs would break them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record."""
        self.stream = sys.stderr
        super().emit(record)


def wants_logs() -> bool:
    """Whether the environment asks for logs. Raises ConfigError for another word than `json` and `text`."""
    wanted = os.environ.get(FORMAT, "").strip()
    if wanted not in ("", "json", "text"):
        reason = f"it is json or text, not {clean(wanted, limit_chars=20)!r}"
        raise ConfigError(FORMAT, reason)
    return bool(wanted)


def begin_logs() -> None:
    """Has the package's logger write, if the environment asks for it. Raises ConfigError if the file cannot be had."""
    if not wants_logs():
        return
    from trunkline.client.redaction import RedactingFilter

    handler = _handler(os.environ.get(FILE, "").strip())
    handler.addFilter(RedactingFilter())
    if os.environ[FORMAT].strip() == "json":
        from trunkline.telemetry.logformat import JsonFormatter

        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter(_TEXT))
    logger = logging.getLogger("trunkline")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    # A record is written once, whatever the root does.
    logger.propagate = False


def _handler(path: str) -> logging.Handler:
    if not path:
        return _Stderr(sys.stderr)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigError(FILE, f"{path}: {error.strerror}") from None
    stream: Any = os.fdopen(descriptor, "a", encoding="utf-8")
    return logging.StreamHandler(stream)
