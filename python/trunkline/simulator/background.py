"""A simulator on a thread of its own, for tests that are not asynchronous or run a loop themselves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from trunkline.simulator.scenario import Scenario, action_from_dict
from trunkline.simulator.server import SimulatorServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from trunkline.simulator.actions import Action
    from trunkline.simulator.faults import Fault
    from trunkline.simulator.history import DialRecord, SessionHistory

__all__ = ["BackgroundServer"]

_KEY = "sk-test-fixture"
_START_SECONDS = 10.0
_CALL_SECONDS = 10.0
_Result = TypeVar("_Result")


class BackgroundServer:
    """A context manager: the server runs on its own thread and loop inside it.

    Every method may be called from any thread. What is read (`sessions`, `dials`) is live: records
    grow while the server serves.
    """

    def __init__(self, **settings: Any) -> None:
        """`settings` are those of SimulatorServer."""
        self._settings = settings
        self._server: SimulatorServer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="trunkline-simulator", daemon=True)

    @property
    def base_url(self) -> str:
        """What a client takes for the API's address: `http://127.0.0.1:PORT/v1`."""
        return self._running.base_url

    @property
    def websocket_url(self) -> str:
        """The same for clients that want `ws://127.0.0.1:PORT/v1`."""
        return f"ws{self.base_url.removeprefix('http')}"

    @property
    def key(self) -> str:
        """A key that the server takes."""
        return _KEY

    @property
    def authority_pem(self) -> str:
        """With `tls=True`: the certificate that clients have to trust."""
        return self._running.authority_pem

    @property
    def sessions(self) -> list[SessionHistory]:
        """What every session consumed and gave, oldest first."""
        return self._running.sessions

    @property
    def dials(self) -> list[DialRecord]:
        """Every attempt to connect, oldest first."""
        return self._running.dials

    @property
    def faults_happened(self) -> tuple[Fault, ...]:
        """The faults that came to pass, in order."""
        return self._running.faults_happened

    def scenario(self, scenario: Scenario | Mapping[str, Any] | str | Path) -> None:
        """Add faults: a Scenario, its JSON document, the text of a TOML document, or a Path."""
        if isinstance(scenario, Path):
            plan = Scenario.load(scenario)
        elif isinstance(scenario, str):
            plan = Scenario.from_text(scenario, "scenario")
        elif isinstance(scenario, Scenario):
            plan = scenario
        else:
            plan = Scenario.from_dict(dict(scenario))
        self._call(lambda: self._running.add_scenario(plan))

    def break_now(self, action: Action | Mapping[str, Any]) -> int:
        """Do this to every live connection, and return how many there were."""
        deed = action_from_dict(dict(action)) if isinstance(action, Mapping) else action
        return self._call(lambda: self._running.break_now(deed))

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_up.wait(_START_SECONDS)
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def _running(self) -> SimulatorServer:
        assert self._server is not None, "it runs only inside `with`"
        return self._server

    def _call(self, deed: Callable[[], _Result]) -> _Result:
        """Do something on the server's loop and wait for what it gives."""
        assert self._loop is not None, "it runs only inside `with`"

        async def run() -> _Result:
            return deed()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_CALL_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - it is raised on the thread that waits for it
            self._failure = error
        finally:
            self._is_up.set()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        async with SimulatorServer(**self._settings) as server:
            self._server, self._loop = server, asyncio.get_running_loop()
            self._is_up.set()
            await self._stop.wait()
