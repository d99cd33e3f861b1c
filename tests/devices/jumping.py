"""An event loop that never waits: its clock jumps to the next thing that is due."""

from __future__ import annotations

import asyncio
import selectors


class _Selector(selectors.SelectSelector):
    loop: JumpingLoop

    def select(self, timeout=None):
        if timeout:
            self.loop.clock += timeout
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """Its time is a number; what others do in a thread is done at once."""

    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self.clock = 1000.0
        super().__init__(selector)

    def time(self) -> float:
        return self.clock

    def run_in_executor(self, _executor, func, *args):
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whatever a thread would hand on
            done.set_exception(error)
        return done


def run(coroutine):
    """What the coroutine gives, at no cost of time."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(coroutine)


def now() -> float:
    return asyncio.get_running_loop().time()


def block_loop(seconds: float) -> None:
    """The loop does something else for so long."""
    asyncio.get_running_loop().clock += seconds
