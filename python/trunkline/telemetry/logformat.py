"""Log records as lines of JSON, for those who collect them."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from trunkline.telemetry.log import FIELDS
from trunkline.text import clean

__all__ = ["JsonFormatter"]

_LONGEST_CHARS = 8_000


class JsonFormatter(logging.Formatter):
    """One line of JSON a record: `time` (UTC), `level`, `logger`, `message`, and what trunkline's records have beside.

    The time is when it happened, where a record says so (`unix`). Every string is clean: no control character, nothing
    that looks like a key, in tracebacks neither. For any logger.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        happened = getattr(record, "unix", record.created)
        moment = datetime.fromtimestamp(happened, tz=UTC)
        told: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {
            name: getattr(record, name)
            for name in FIELDS
            if name != "unix" and hasattr(record, name)
        }
        if record.exc_text:
            # A filter may have written it, with less in it than the exception has.
            told["exception"] = record.exc_text
        elif record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(_clean(told), ensure_ascii=False, default=str)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(_clean(name)): _clean(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return clean(value, limit_chars=_LONGEST_CHARS)
