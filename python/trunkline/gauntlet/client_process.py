"""The client under test as a process: started, told to stop, and gone in the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from typing import TYPE_CHECKING, Self

from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

__all__ = ["WAV_VARIABLE", "ClientProcess", "environment_for"]

WAV_VARIABLE = "TRUNKLINE_GAUNTLET_WAV"
_TAIL_BYTES = 2000
_OURS = ("OPENAI_", "AZURE_OPENAI_", "XAI_API_KEY")


def environment_for(
    inherited: Mapping[str, str], *, base_url: str, key: str, wav: str
) -> dict[str, str]:
    """What the client finds in its environment; nothing of ours that would point elsewhere, and no key of ours."""
    kept = {name: value for name, value in inherited.items() if not name.startswith(_OURS)}
    return kept | {
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_KEY": key,
        WAV_VARIABLE: wav,
        # The server is on this machine, and a proxy of the environment cannot reach it.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "PYTHONUNBUFFERED": "1",
    }


class ClientProcess:
    """An async context manager; at its end no process of the client's group is left."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = tuple(command)
        self._environment = dict(environment)
        self._process: asyncio.subprocess.Process | None = None
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __aexit__

    async def __aenter__(self) -> Self:
        """Starts it. Raises ConfigError for a command that cannot be run."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=self._output,
                stderr=self._output,
                start_new_session=True,
            )
        except OSError as error:
            self._output.close()
            reason = f"{self._command[0]!r} cannot be run: {error.strerror}"
            raise ConfigError("COMMAND", reason) from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.kill()
        self._output.close()

    @property
    def exit_code(self) -> int | None:
        """Its exit code; None while it runs, negative for a signal."""
        return self._running.returncode

    @property
    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    def tell_to_stop(self) -> None:
        """SIGTERM, and the end of its input."""
        with contextlib.suppress(ProcessLookupError):
            self._running.terminate()
        if self._running.stdin is not None:
            self._running.stdin.close()

    async def wait(self, seconds: float) -> bool:
        """Whether it was gone within so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._running.wait(), seconds)
        return self.exit_code is not None

    async def kill(self) -> None:
        """Ends it and its children for good."""
        # The group is its own: start_new_session.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._running.pid, signal.SIGKILL)
        await self._running.wait()

    def tail(self, secret: str) -> str:
        """The end of what it printed, without the key."""
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - _TAIL_BYTES))
        return self._output.read().decode(errors="replace").replace(secret, "…")
