"""Cancels a coroutine at its k-th suspension, for every k."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any


class CancelAt:
    """Awaits a coroutine and cancels the task that does so at the k-th moment it waits (0 is the first)."""

    def __init__(self, work: Coroutine[Any, Any, Any], k: int) -> None:
        self._work = work
        self._k = k
        self.reached = False
        """Whether it waited so often."""

    def __await__(self):
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        count = 0
        step = self._work.send
        argument = None
        while True:
            try:
                waited_for = step(argument)
            except StopIteration as end:
                return end.value
            if count == self._k:
                self.reached = True
                loop.call_soon(task.cancel)
            count += 1
            step, argument = self._work.send, None
            try:
                argument = yield waited_for
            except BaseException as error:  # noqa: BLE001 - thrown into the coroutine
                step, argument = self._work.throw, error


def open_sockets() -> int:
    """How many sockets this process holds for itself.

    A server of another thread accepts when it comes to it, at times after its client was cancelled: what listens,
    and what was accepted there, is not counted.
    """
    ports = [held for fd in Path("/proc/self/fd").iterdir() if (held := _port_of(int(fd.name)))]
    serving = {port for port, listens in ports if listens}
    return sum(port not in serving for port, _ in ports)


def _port_of(fd: int) -> tuple[int | str, bool] | None:
    """The local port of a socket (a path, where it is of that kind), and whether it listens; None for other files."""
    try:
        if not stat.S_ISSOCK(os.fstat(fd).st_mode):
            return None
        with socket.socket(fileno=os.dup(fd)) as copy:
            name = copy.getsockname()
            listens = copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
    except OSError:
        return None
    return (name[1] if isinstance(name, tuple) else name), listens


def timers() -> list[asyncio.TimerHandle]:
    """What the running loop will call later."""
    loop = asyncio.get_running_loop()
    return [timer for timer in loop._scheduled if not timer.cancelled()]


def at_every_suspension(
    scenario: Callable[[Callable[[Coroutine[Any, Any, Any]], Awaitable[bool]]], Awaitable[None]],
    *,
    limit: int = 500,
) -> int:
    """Runs the scenario again and again, cancelled one suspension later each time; gives how many there were.

    The scenario passes its coroutine to what it is given, which tells whether it was cancelled, and checks what it
    likes. What no scenario may leave behind is checked here, and that no error went to the loop's handler.
    """
    for k in range(limit):
        if not asyncio.run(asyncio.wait_for(_once(scenario, k), 20)):
            return k
    raise AssertionError(f"it still waits after {limit} suspensions")


async def _once(scenario, k: int) -> bool:
    loop = asyncio.get_running_loop()
    unhandled: list[dict] = []
    loop.set_exception_handler(lambda _, context: unhandled.append(context))
    # asyncio.wait_for has a timer of its own.
    before = (asyncio.all_tasks(), open_sockets(), len(timers()))
    reached = False

    async def attempt(work: Coroutine[Any, Any, Any]) -> bool:
        nonlocal reached
        cancel = CancelAt(work, k)

        async def awaiting() -> None:
            await cancel

        task = asyncio.create_task(awaiting())
        await asyncio.wait([task])
        reached = cancel.reached
        if not task.cancelled():
            task.result()
        return task.cancelled()

    await scenario(attempt)
    await _settled(before, k)
    gc.collect()
    await asyncio.sleep(0)
    assert unhandled == [], f"at suspension {k}"
    return reached


async def _settled(before: tuple, k: int) -> None:
    """A socket that was closed is gone a turn of the loop later, and no more is granted."""
    for _ in range(3):
        await asyncio.sleep(0)
    tasks, sockets, count = before
    assert asyncio.all_tasks() == tasks, f"tasks are left, cancelled at suspension {k}"
    assert open_sockets() <= sockets, f"sockets are left, cancelled at suspension {k}"
    assert len(timers()) <= count, f"timers are left, cancelled at suspension {k}"
