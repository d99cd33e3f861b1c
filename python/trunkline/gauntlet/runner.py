"""Puts a client through the trials: a server and a process for each, some at a time."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.errors import ConfigError
from trunkline.gauntlet.accounts import settle
from trunkline.gauntlet.arena import Arena
from trunkline.gauntlet.client_process import ClientProcess, environment_for
from trunkline.gauntlet.judge import judge
from trunkline.gauntlet.manners import DIALS_AFTER_FATAL, STOP_SECONDS
from trunkline.gauntlet.places import Places
from trunkline.gauntlet.speech import gauntlet_speech
from trunkline.gauntlet.trial import Aim, Outcome, Trial, TrialResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trunkline.gauntlet.record import Record

__all__ = ["is_complete", "run_gauntlet", "run_trial"]

_START_SECONDS = 60.0
"""A client may import a large framework before it dials."""
_LOOK_SECONDS = 0.05
_AFTERMATH_SECONDS = 1.0
"""What is doubled comes late: watched for so long after the trial has what it needs."""
_WATCH_SECONDS = 6.0
"""How long a client that was refused for good is watched for another dial."""


async def run_gauntlet(
    trials: Sequence[Trial],
    command: Sequence[str],
    *,
    seed: int = 0,
    jobs: int = 4,
    told: Callable[[TrialResult], None] | None = None,
) -> Outcome:
    """All trials, `jobs` at a time; `told` gets each result as it comes.

    Raises ConfigError if the command cannot be run at all.
    """
    if shutil.which(command[0]) is None:
        raise ConfigError("COMMAND", f"{command[0]!r} cannot be run: there is no such program")
    turnstile = asyncio.Semaphore(jobs)
    with tempfile.TemporaryDirectory(prefix="trunkline-gauntlet-") as folder:
        wav = Path(folder) / "speech.wav"
        wav.write_bytes(gauntlet_speech(seed).wav())
        places = await asyncio.to_thread(Places, gauntlet_speech(seed).pcm)

        async def one(trial: Trial) -> TrialResult:
            async with turnstile:
                result = await run_trial(trial, command, wav=str(wav), places=places, seed=seed)
            if told is not None:
                told(result)
            return result

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(trial)) for trial in trials]
    results = tuple(task.result() for task in tasks)
    return Outcome(command=tuple(command), seed=seed, results=results)


async def run_trial(
    trial: Trial, command: Sequence[str], *, wav: str, places: Places, seed: int = 0
) -> TrialResult:
    """One trial, from the start of the process to its end."""
    key = f"sk-test-gauntlet-{seed:08x}"
    result = TrialResult(trial=trial)
    began = time.monotonic()
    async with Arena(trial, key=key, seed=seed, wall=time.time()) as arena:
        environment = environment_for(os.environ, base_url=arena.base_url, key=key, wav=wav)
        async with ClientProcess(command, environment) as client:
            result.problem = await _play(trial, arena.record, client)
            await _end(arena.record, client)
            result.output_tail = client.tail(key)
    if not result.problem:
        accounts = await asyncio.to_thread(settle, arena.record, gauntlet_speech(seed), places)
        result.scores = judge(trial, arena.record, accounts)
    result.took = time.monotonic() - began
    return result


async def _play(trial: Trial, record: Record, client: ClientProcess) -> str:
    """Waits until the trial has what it needs; says why it has nothing, if so."""

    def is_gone() -> bool:
        return client.exit_code is not None

    await _until(lambda: bool(record.dials) or is_gone(), _START_SECONDS)
    if not record.dials:
        if is_gone():
            return f"the client ended with exit code {client.exit_code} before it dialed"
        return f"the client did not dial within {_START_SECONDS:.0f} s"
    left = record.dials[0].at + trial.patience - _now()
    await _until(lambda: is_gone() or is_complete(trial, record, _now()), left)
    if not is_gone():
        await asyncio.sleep(_AFTERMATH_SECONDS)
    return ""


async def _until(reached: Callable[[], bool], seconds: float) -> None:
    """Looks by the clock: what is waited for may be a process's end, a time, or what was seen."""
    until = _now() + seconds
    while not reached() and _now() < until:  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_SECONDS)


def is_complete(trial: Trial, record: Record, now: float) -> bool:
    """Whether the trial has seen enough."""
    if trial.aim is Aim.STOP:
        fatal = [dial.at for dial in record.dials if dial.is_fatal]
        return bool(fatal) and (
            now > fatal[0] + _WATCH_SECONDS or len(fatal) > DIALS_AFTER_FATAL + 5
        )
    final = record.final
    if final is None or len(record.deeds) < len(trial.steps):
        return False
    # A turn that came after the trouble and its answer; without trouble, two turns.
    troubled_at = max((at for at, _ in record.deeds), default=final.opened_at)
    turns = [item for item in final.history.items_of("committed") if item.at > troubled_at]
    wanted = 1 if record.deeds else 2
    answers = [one for one in final.history.responses if one.status == "completed"]
    return len(turns) >= wanted and any(one.at >= turns[wanted - 1].at for one in answers)


async def _end(record: Record, client: ClientProcess) -> None:
    stop = record.stop
    if client.exit_code is None:
        stop.told_at = _now()
        client.tell_to_stop()
        stop.was_killed = not await client.wait(STOP_SECONDS)
    if stop.was_killed:
        await client.kill()
    stop.ended_at = _now()
    stop.exit_code = client.exit_code
    # What the client wrote last is still on its way to the server's side of the socket.
    await asyncio.sleep(_LOOK_SECONDS * 2)


def _now() -> float:
    return asyncio.get_running_loop().time()
