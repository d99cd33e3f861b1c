"""The simulator in a process of its own, for as long as a command needs it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any, Self

from trunkline.cli.environment import environment
from trunkline.errors import TrunklineError

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["SimulatedServer", "SimulatorFailed"]

_STOP_SECONDS = 5.0
_CONTROL_SECONDS = 5.0


def _environment() -> dict[str, str]:
    """Ours without what would be told to a simulator that somebody starts by hand."""
    return {
        name: value
        for name, value in environment(os.environ).items()
        if not name.startswith("TRUNKLINE_SIMULATE_")
    }


class SimulatorFailed(TrunklineError):
    """The simulator's process ended before it served."""


class SimulatedServer:
    """Starts the simulator, knows its address and key, breaks its links on demand, and stops it."""

    def __init__(self, *, seed: int, scenario: dict[str, Any]) -> None:
        self._seed = seed
        self._scenario = scenario
        self._process: subprocess.Popen[str] | None = None
        self.key = f"sk-sim-{secrets.token_hex(8)}"
        self.base_url = ""

    def __enter__(self) -> Self:
        """Starts it. Raises SimulatorFailed, with its own last words, if it does not serve."""
        # As it is, whatever the user's own simulator is kept to be.
        arguments = [
            "--no-config",
            "simulate",
            "--port",
            "0",
            "--seed",
            str(self._seed),
            "--scenario",
            "-",
        ]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and package
            [sys.executable, "-m", "trunkline", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # It needs none of our keys, and could only show them: in /proc, or in a dump of it.
            env=_environment(),
        )
        try:
            self._instruct(self._process)
        except BaseException:
            # An interrupt, most likely: a simulator that nobody waits for any more must not stay.
            self.__exit__(None, None, None)
            raise
        return self

    def _instruct(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        json.dump(self._scenario, process.stdin)
        process.stdin.close()
        self.base_url = process.stdout.readline().strip()
        if not self.base_url:
            self._fail(process)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                # What was not written to one that ended nobody misses.
                with contextlib.suppress(OSError):
                    stream.close()
        self._process = None

    def _fail(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        words = process.stderr.read().strip().splitlines()
        raise SimulatorFailed(
            "the simulator did not start: "
            + (words[-1].removeprefix("error: ") if words else "no word")
        )

    def break_link(self, action: dict[str, Any] | None = None) -> None:
        """Does this to the live links, resets them if nothing is named; blocks until the simulator has taken the order.

        Raises OSError if it does not answer, or refuses.
        """
        self._ask("/simulator/break", {"action": "rst"} if action is None else action)

    def _ask(self, path: str, body: dict[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310 - the address is our own child's, http on loopback
            self.base_url.removesuffix("/v1") + path,
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        # No proxy: the request must not leave this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=_CONTROL_SECONDS):
            pass
