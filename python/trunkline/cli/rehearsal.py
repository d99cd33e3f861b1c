"""The demo's call: a simulator that breaks the link at two moments, a caller, and the books at the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any

import trunkline
from trunkline.cli.call import Call, Outcome
from trunkline.cli.outcome import ExitCode, error_of
from trunkline.cli.recordings import recorded_turns
from trunkline.cli.simulated_server import SimulatedServer
from trunkline.errors import LineFailed
from trunkline.telemetry.report import RunReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.client.observers import Observer
    from trunkline.client.telemetry import LineTelemetry

__all__ = ["RATE_HZ", "Rehearsal", "Result"]

RATE_HZ = 24_000
# A turn, its reply and the pauses take about this long; it decides in which turns the link breaks.
_TURN_SECONDS = 8.5
SESSION: dict[str, Any] = {
    "instructions": "You are an interpreter. Say in Spanish what the caller says in English.",
    "audio": {
        "input": {
            "transcription": {"model": "gpt-realtime-whisper"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        }
    },
}


@dataclass(slots=True)
class Result:
    """What came of one run."""

    outcome: Outcome
    report: dict[str, Any]
    seconds: float
    failure: str = ""
    stopped: bool = False
    """Whether the operator left before the end."""

    @property
    def ok(self) -> bool:
        """Whether every turn was answered and no audio was lost."""
        return not self.complaint()

    def complaint(self) -> str:
        """What is wrong with it; nothing if all is well."""
        missing = self.outcome.turns - self.outcome.answered
        complaints = (
            (bool(self.failure), self.failure),
            (self.stopped, "stopped before the end"),
            (not self.outcome.turns, "no turn was said"),
            (missing > 0, f"{missing} turns were not answered"),
            (self.report["audio"]["gap_ms"] > 0, "audio was lost"),
        )
        return "; ".join(text for applies, text in complaints if applies)

    def as_dict(self) -> dict[str, Any]:
        """The document that `--json` prints."""
        return {
            "ok": self.ok,
            "turns_answered": self.outcome.answered,
            "turns": self.outcome.turns,
            **self.report,
            "seconds": round(self.seconds, 3),
        } | ({} if self.ok else {"error": error_of(ExitCode.FAILED, self.complaint())})


@dataclass(slots=True, kw_only=True)
class Rehearsal:
    """One run of the demo."""

    seconds: float | None
    seed: int
    wav: str | None
    telemetry: LineTelemetry | None = None
    """Where the line is shown, or recorded."""
    server: SimulatedServer | None = field(default=None, init=False)
    """The simulator, while it runs."""
    _turns: list[bytes] = field(default_factory=list, init=False)
    _running: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = field(
        default=None, init=False
    )
    _stopped: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._turns = self._load()

    def stop(self) -> None:
        """Ends the call early, from any thread; after its end it does nothing."""
        self._stopped = True
        running = self._running
        if running is not None:
            loop, task = running
            # The loop may have ended since; then there is nothing left to stop.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(task.cancel)

    def run(self, observers: tuple[Observer, ...] = ()) -> Result:
        """The whole call, from the simulator's start to its end; blocks for as long as the call takes."""
        report = RunReport(RATE_HZ)
        # Silent, unless somebody set the package's logger up.
        logging.getLogger("trunkline").addHandler(logging.NullHandler())
        began_at = time.monotonic()
        outcome, failure = Outcome(), ""
        with SimulatedServer(seed=self.seed, scenario=self._scenario()) as server:
            self.server = server
            folds = (report.observe, *observers)
            try:
                asyncio.run(self._talk(server, folds, outcome))
            except LineFailed as error:
                failure = str(error)
            except asyncio.CancelledError:
                self._stopped = True
            self.server = None
        seconds = time.monotonic() - began_at
        return Result(outcome, report.as_dict(), seconds, failure=failure, stopped=self._stopped)

    async def _talk(
        self, server: SimulatedServer, observers: tuple[Observer, ...], outcome: Outcome
    ) -> None:
        line = trunkline.connect(
            model="gpt-realtime-2.1",
            api_key=server.key,
            base_url=server.base_url,
            session=SESSION,
            observers=observers,
            seed=self.seed,
            telemetry=self.telemetry,
            name="demo",
        )
        task = asyncio.current_task()
        assert task is not None
        self._running = (asyncio.get_running_loop(), task)
        try:
            if self._stopped:
                return
            async with line:
                await Call(line, outcome).run(self._script())
        finally:
            self._running = None

    def _load(self) -> list[bytes]:
        if self.wav is None:
            return [turn.pcm for turn in recorded_turns()]
        from trunkline.devices.wavfile import read_wav

        return [read_wav(self.wav, rate_hz=RATE_HZ)]

    def _script(self) -> Iterator[bytes]:
        """The turns to say: each once, or over and over for as long as was asked."""
        if self.seconds is None:
            yield from self._turns
            return
        ends_at = time.monotonic() + self.seconds
        for pcm in cycle(self._turns):
            yield pcm
            if time.monotonic() >= ends_at:
                return

    def _scenario(self) -> dict[str, Any]:
        """A reset in the middle of one utterance, a close in the middle of a later reply."""
        dice = random.Random(self.seed)  # noqa: S311 - a rehearsal must be repeatable
        expected = len(self._turns)
        if self.seconds is not None:
            expected = max(1, int(self.seconds / _TURN_SECONDS))
        reset = {"utterance": min(2, expected), "ms": dice.randint(600, 1400)}
        close = {"reply": min(4, expected), "ms": dice.randint(800, 1600)}
        reason = "internal error"
        return {
            "faults": [
                {"when": reset, "action": "rst"},
                {"when": close, "action": "close", "code": 1011, "reason": reason},
            ]
        }
