"""The checks as a table, and how they are made: side by side where nothing depends, each with a deadline.

A check that needs another waits for it, and is not made if that failed: one cable that is unplugged is one failure and
nine checks that could not be made. What is not done when the time is up is a failure, too.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from trunkline.diagnosis.finding import Cause, Outcome, failed, not_applicable
from trunkline.errors import TrunklineError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from trunkline.diagnosis.finding import Finding
    from trunkline.diagnosis.subject import Subject

__all__ = ["TIME_LIMIT", "Check", "Examined", "Making", "examine", "ruling_cause"]

Making: TypeAlias = "Callable[[Subject], Awaitable[Finding]]"
"""What makes a check."""

TIME_LIMIT = 15.0
"""Seconds for all checks together."""
_OFFLINE = "left out: --offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row of the table."""

    name: str
    run: Making
    limit: float
    """Seconds it may take, without those it waits for others."""
    needs: tuple[str, ...] = ()
    """Names of checks before it in the table that must have been made, and not have failed."""
    on_network: bool = False
    """Whether it leaves this machine."""
    cause: Cause = Cause.HERE
    """What it is a failure of if it is not done in time."""
    is_alone: bool = False
    """Whether others would disturb it: those behind it begin when it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A check that is done."""

    name: str
    finding: Finding
    took: float
    """Seconds."""
    is_made: bool = True
    """Whether it was not left out, for itself or for what it needs."""


async def examine(
    checks: Sequence[Check],
    subject: Subject,
    *,
    offline: bool = False,
    time_limit: float = TIME_LIMIT,
) -> AsyncIterator[Examined]:
    """Makes all checks; gives them in the table's order, each as soon as it and those before it are done.

    `offline` leaves out what leaves this machine. Never raises for what a check meets.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + time_limit
    tasks: dict[str, asyncio.Task[Examined]] = {}
    for check in checks:
        left_out = offline and check.on_network
        before = [tasks[name] for name in check.needs]
        made = _left_out(check) if left_out else _made(check, subject, before, ends_at)
        tasks[check.name] = loop.create_task(made)
        if check.is_alone:
            await asyncio.wait([tasks[check.name]])
    try:
        for task in tasks.values():
            yield await task
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


async def _left_out(check: Check) -> Examined:
    return _unmade(check, _OFFLINE)


def _unmade(check: Check, words: str) -> Examined:
    return Examined(name=check.name, finding=not_applicable(words), took=0.0, is_made=False)


async def _made(
    check: Check, subject: Subject, before: list[asyncio.Task[Examined]], ends_at: float
) -> Examined:
    loop = asyncio.get_running_loop()
    for one in before:
        done = await one
        if done.finding.outcome is Outcome.FAILURE:
            return _unmade(check, f"not checked: it needs {done.name}, which failed")
        if not done.is_made:
            return _unmade(check, f"not checked: it needs {done.name}, which was not checked")
    began_at = loop.time()
    limit = max(0.0, min(check.limit, ends_at - began_at))
    finding = await _within(check, subject, limit)
    return Examined(name=check.name, finding=finding, took=loop.time() - began_at)


async def _within(check: Check, subject: Subject, limit: float) -> Finding:
    deadline = asyncio.timeout(limit)
    try:
        async with deadline:
            return await check.run(subject)
    except TimeoutError as error:
        if not deadline.expired():
            return _unexpected(check, error)
        return failed(
            f"no answer within {limit:.1f} s",
            "run it again; if it lasts, something between here and there swallows what is sent"
            if check.on_network
            else "run it again when this machine is less busy",
            cause=check.cause,
        )
    except TrunklineError as error:
        return failed(str(error), "see what is named", cause=check.cause)
    except Exception as error:  # noqa: BLE001 - one check that stumbles must not hide what the others found
        return _unexpected(check, error)


def _unexpected(check: Check, error: Exception) -> Finding:
    words = f"the check itself failed: {type(error).__name__}: {error}"
    return failed(words, "report it: it is our mistake", cause=check.cause)


def ruling_cause(examined: Sequence[Examined]) -> Cause | None:
    """What all failures are failures of; `HERE` if they do not agree, None if there are none."""
    causes = {each.finding.cause for each in examined if each.finding.outcome is Outcome.FAILURE}
    if not causes:
        return None
    return causes.pop() if len(causes) == 1 else Cause.HERE
