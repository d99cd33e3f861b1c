"""Numbers as an operator reads them; what is not known is a dash, never a zero."""

from __future__ import annotations

from time import gmtime, strftime

__all__ = [
    "UNKNOWN",
    "age",
    "audio",
    "bare",
    "clock",
    "dbfs",
    "kilobytes",
    "milliseconds",
    "percent",
    "rate",
    "seconds",
    "size",
    "thousands",
    "utc",
]

UNKNOWN = "-"
"""What stands for a value that nobody knows."""


def clock(value: float | None) -> str:
    """Seconds as `mm:ss`, from an hour on `h:mm:ss`."""
    if value is None:
        return UNKNOWN
    minutes, second = divmod(max(int(value), 0), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute:02}:{second:02}"


def milliseconds(value: float | None, unit: str = " ms") -> str:
    """Milliseconds with a decimal below ten; from ten seconds on, in seconds."""
    if value is None:
        return UNKNOWN
    if abs(value) >= 10_000:
        return f"{value / 1000:.1f}{unit.replace('ms', 's')}" if unit else f"{value:.0f}"
    return f"{value:.1f}{unit}" if 0 < abs(value) < 10 else f"{value:.0f}{unit}"


def seconds(value: float | None) -> str:
    """Seconds: two decimals below ten, one below a hundred."""
    if value is None:
        return UNKNOWN
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} s"


def audio(value_ms: float | None) -> str:
    """A length of audio: milliseconds below ten seconds, else seconds with two decimals."""
    if value_ms is None:
        return UNKNOWN
    return f"{value_ms:.0f} ms" if abs(value_ms) < 10_000 else f"{value_ms / 1000:.2f} s"


def rate(value: float | None, unit: str) -> str:
    """Things per second."""
    return f"{UNKNOWN} {unit}/s" if value is None else f"{value:.1f} {unit}/s"


def kilobytes(value: float | None) -> str:
    """Bytes per second as kB/s (1000 B), from a million on as MB/s."""
    if value is None:
        return f"{UNKNOWN} kB/s"
    return f"{value / 1e6:.1f} MB/s" if value >= 1e6 else f"{value / 1e3:.1f} kB/s"


def percent(share: float | None) -> str:
    """A share of one as percent; rounded down, since 99.96 must not read 100."""
    return UNKNOWN if share is None else f"{int(share * 1000) / 10:.1f} %"


def bare(value: float | None) -> str:
    """Milliseconds without their unit, where the head of a table names it; a decimal below ten if there is one."""
    if value is None:
        return UNKNOWN
    return f"{value:.1f}" if 0 < abs(value) < 9.95 and round(value, 1) % 1 else f"{value:.0f}"


def dbfs(value: float | None) -> str:
    """A level; the floor of -96 is silence."""
    if value is None:
        return UNKNOWN
    return "-inf" if value <= -96 else f"{value:.0f}"


def age(value: float | None) -> str:
    """Seconds in five cells: `mm:ss`, then `2h05m`, then `3d04h`."""
    if value is None:
        return UNKNOWN
    minutes, second = divmod(max(int(value), 0), 60)
    hours, minute = divmod(minutes, 60)
    if minutes < 100:
        return f"{minutes:02}:{second:02}"
    return f"{hours}h{minute:02}m" if hours < 24 else f"{hours // 24}d{hours % 24:02}h"


def size(value: float | None) -> str:
    """Bytes as B, kB (1000 B) or MB."""
    if value is None:
        return UNKNOWN
    for limit, unit, divisor in ((1e3, "B", 1.0), (1e6, "kB", 1e3)):
        if value < limit:
            return f"{value / divisor:.{0 if unit == 'B' or value >= 1e5 else 1}f} {unit}"
    return f"{value / 1e6:.1f} MB"


def thousands(value: float | None) -> str:
    """A count, from a thousand on with a decimal and `k`."""
    if value is None:
        return UNKNOWN
    return f"{value:.0f}" if value < 1000 else f"{value / 1000:.1f}k"


def utc(at_unix: float | None, form: str = "%H:%M:%S") -> str:
    """A moment, UTC."""
    return "--:--:--" if at_unix is None else strftime(form, gmtime(at_unix))
