"""Checks of this machine: the interpreter, the event loop and its timers, the limit of open files."""

from __future__ import annotations

import asyncio
import platform
import sys
import sysconfig
import time
from typing import TYPE_CHECKING

from trunkline.diagnosis.finding import not_applicable, ok, warned
from trunkline.telemetry.levels import THRESHOLDS, Level

if TYPE_CHECKING:
    from trunkline.diagnosis.finding import Finding
    from trunkline.diagnosis.subject import Subject

__all__ = ["check_event_loop", "check_interpreter", "check_open_files"]

OLDEST_PYTHON = (3, 11)
"""As pyproject.toml says; a test compares them."""
# Of the least that a timer must tell apart: a chunk is 20 ms.
_COARSE_SECONDS = 0.002
# 30 appointments of 10 ms: enough to see what else runs in this container, and 0.3 s.
_APPOINTMENTS = 30
_APPOINTMENT_SECONDS = 0.01
# A line has one socket, two while it rotates; a program has its own files, and a server some thousand lines.
_FEW_FILES = 1024


async def check_interpreter(_subject: Subject) -> Finding:
    """Which Python runs, on which C library, and whether several threads run at once."""
    version = platform.python_version()
    name = platform.python_implementation()
    libc = libc_name()
    free = is_free_threaded()
    facts = {
        "implementation": name,
        "version": version,
        "libc": libc,
        "free_threaded": free,
        "machine": platform.machine(),
        "system": platform.system(),
        "executable": sys.executable,
    }
    gil = "free-threaded" if free else "with the GIL"
    fact = f"{name} {version}, {gil}, {libc} on {platform.system()} {platform.machine()}"
    if name != "CPython":
        return warned(fact, "only CPython is tested: its extension interface is used", **facts)
    if sys.version_info[:2] < OLDEST_PYTHON:
        return warned(fact, "Python 3.11 is the oldest that is tested", **facts)
    if free and not is_without_gil():
        return warned(
            fact,
            "it could do without the GIL, but something loaded here, or PYTHON_GIL, switched it on",
            **facts,
        )
    return ok(fact, **facts)


def libc_name() -> str:
    """`glibc 2.36`, `musl`, or what there is instead; `unknown` if it cannot be told."""
    name, version = platform.libc_ver()
    if name:
        return f"{name} {version}"
    built_for = str(sysconfig.get_config_var("HOST_GNU_TYPE") or "")
    if "musl" in built_for:
        return "musl"
    return "unknown libc" if sys.platform.startswith("linux") else "the system's libc"


def is_free_threaded() -> bool:
    """Whether this build can run threads at once."""
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def is_without_gil() -> bool:
    """Whether it does."""
    asks = getattr(sys, "_is_gil_enabled", None)
    return asks is not None and not asks()


async def check_event_loop(_subject: Subject) -> Finding:
    """Which event loop it is, how fine its timers are, and whether it keeps its appointments just now."""
    loop = asyncio.get_running_loop()
    clock = time.get_clock_info("monotonic")
    late = [await _late(loop) for _ in range(_APPOINTMENTS)]
    return judge_event_loop(_loop_name(loop), clock.resolution, late)


async def _late(loop: asyncio.AbstractEventLoop) -> float:
    due = loop.time() + _APPOINTMENT_SECONDS
    await asyncio.sleep(_APPOINTMENT_SECONDS)
    return max(0.0, loop.time() - due)


def _loop_name(loop: asyncio.AbstractEventLoop) -> str:
    module = type(loop).__module__.partition(".")[0]
    return "uvloop" if module == "uvloop" else f"asyncio ({type(loop).__name__})"


def judge_event_loop(name: str, resolution: float, late: list[float]) -> Finding:
    """What so many seconds of lateness say; `resolution` is the clock's, in seconds."""
    ranked = sorted(late)
    p95 = ranked[max(0, -(-len(ranked) * 95 // 100) - 1)] * 1000
    worst = ranked[-1] * 1000
    fact = (
        f"{name}, clock of {resolution * 1e9:.0f} ns; timers late by {p95:.1f} ms (p95), "
        f"{worst:.1f} ms at most"
    )
    facts = {
        "loop": name,
        "clock_resolution_s": resolution,
        "late_p95_ms": round(p95, 3),
        "late_max_ms": round(worst, 3),
    }
    if resolution > _COARSE_SECONDS:
        advice = "the clock is too coarse to pace chunks of 20 ms by"
        return warned(fact, advice, **facts)
    if THRESHOLDS["loop_lag_ms"].level(p95) is Level.BAD:
        advice = (
            "this machine is busy, or its container throttled: audio will be late; give it more CPU"
        )
        return warned(fact, advice, **facts)
    return ok(fact, **facts)


async def check_open_files(_subject: Subject) -> Finding:
    """How many files and sockets this process may open."""
    limits = open_file_limits()
    if limits is None:
        return not_applicable(f"{platform.system()} has no limit to ask for")
    return judge_open_files(*limits)


def open_file_limits() -> tuple[int, int] | None:
    """What is in force and what could be asked for; None where there is no such limit, -1 is none."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return None
    return resource.getrlimit(resource.RLIMIT_NOFILE)


def judge_open_files(soft: int, hard: int) -> Finding:
    """What the two limits say; -1 is no limit."""
    facts = {"soft": soft, "hard": hard}
    fact = f"{_number(soft)} at once, {_number(hard)} if asked for"
    if 0 <= soft < _FEW_FILES:
        lines = max(0, soft // 4)
        advice = f"enough for some {lines} lines; for more: ulimit -n {_FEW_FILES}"
        return warned(fact, advice, **facts)
    return ok(fact, **facts)


def _number(limit: int) -> str:
    return "no limit" if limit < 0 else str(limit)
