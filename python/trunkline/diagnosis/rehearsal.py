"""The check of the whole: a short call through the simulator in this process, over a link that breaks.

It needs no key and no network but loopback. Half a sentence is sent, the link is reset, the rest is sent,
an answer asked for: the line must come back, restore the session, lose not a sample, and be answered.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import trunkline
from trunkline.devices.portaudio import errand
from trunkline.diagnosis.finding import failed, not_applicable, ok, warned
from trunkline.errors import TrunklineError
from trunkline.protocol import events
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.observations import Observation, Restored

if TYPE_CHECKING:
    from trunkline.client.client import Line
    from trunkline.diagnosis.finding import Finding
    from trunkline.diagnosis.subject import Subject

__all__ = ["Rehearsed", "check_rehearsal"]

_KEY = "sk-test-doctor"
_RATE_HZ = 24_000
_CHUNK = bytes(2 * _RATE_HZ // 10)
_HALF_CHUNKS = 5
# Nobody's turn ends by itself: it is committed, and so takes no time.
_SESSION = {"audio": {"input": {"turn_detection": None, "transcription": None}}}
_PATIENCE_SECONDS = 7.0
# On a machine that is not busy it is a second, most of it the wait before the second dial.
_SLOW_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What came of it."""

    seconds: float
    restored_in: float
    """Seconds from the new link to the restored session."""
    lost_ms: float
    answered: bool


async def check_rehearsal(_subject: Subject) -> Finding:
    """A whole short call through the embedded simulator, with a link that breaks."""
    missing = [name for name in ("aiohttp", "trustme") if find_spec(name) is None]
    if missing:
        return not_applicable(
            f"the simulator needs {' and '.join(missing)}",
            "to try everything without a server: pip install 'trunkline[simulator]'",
        )
    # Its warnings of the break are what is expected here.
    logging.getLogger("trunkline").addHandler(logging.NullHandler())
    try:
        # In a thread with a loop of its own: what it imports would hold up the times that other checks take.
        return judge_rehearsal(await errand(lambda: asyncio.run(_call())))
    except TimeoutError:
        return failed("the call did not come to its end", "report it with the machine's load")
    except (TrunklineError, OSError) as error:
        return failed(f"the call failed: {error}", "is loopback (127.0.0.1) allowed here?")


async def _call() -> Rehearsed:
    # aiohttp and numpy come along, which only this check needs.
    from trunkline.simulator.scenario import action_from_dict  # noqa: PLC0415
    from trunkline.simulator.server import SimulatorServer  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    began_at = loop.time()
    seen: list[Restored] = []

    def observe(fact: Observation) -> None:
        if isinstance(fact, Restored):
            seen.append(fact)

    async with asyncio.timeout(_PATIENCE_SECONDS), SimulatorServer(pace=50.0) as server:
        await _knock(server.port)
        line = trunkline.connect(
            api_key=_KEY,
            base_url=server.base_url,
            session=_SESSION,
            observers=[observe],
            # Of its own: the break must neither cost other lines of this process a retry nor wait for them.
            budget=RetryBudget(),
        )
        async with line:
            _say(line)
            server.break_now(action_from_dict({"action": "rst"}))
            answered = await _finish(line)
            lost = line.books().gap
    return Rehearsed(
        seconds=loop.time() - began_at,
        restored_in=seen[-1].took if seen else 0.0,
        lost_ms=lost * 1000 / _RATE_HZ,
        answered=answered and bool(seen),
    )


async def _knock(port: int) -> None:
    """Raises OSError where this machine cannot be reached by itself: a line would wait for that to pass."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    await writer.wait_closed()


def _say(line: Line) -> None:
    for _ in range(_HALF_CHUNKS):
        line.send_audio(_CHUNK)


async def _finish(line: Line) -> bool:
    """Waits for the new link, says the rest, and gives whether it was answered."""
    async for event in line:
        if isinstance(event, events.LineLive):
            _say(line)
            line.send({"type": "input_audio_buffer.commit"})
            line.send({"type": "response.create"})
        elif isinstance(event, events.ResponseDone):
            return event.status == "completed"
    return False


def judge_rehearsal(done: Rehearsed) -> Finding:
    """What the call says."""
    fact = (
        f"{'answered' if done.answered else 'not answered'} in {done.seconds:.1f} s over a link that broke; "
        f"restored in {done.restored_in * 1000:.0f} ms, {done.lost_ms:.0f} ms lost"
    )
    facts: dict[str, Any] = {
        "seconds": round(done.seconds, 3),
        "restored_ms": round(done.restored_in * 1000, 1),
        "lost_ms": round(done.lost_ms, 1),
        "answered": done.answered,
    }
    if not done.answered or done.lost_ms:
        return failed(fact, "report it: it is our mistake", **facts)
    if done.seconds > _SLOW_SECONDS:
        return warned(fact, "this machine is slow, or busy with something else", **facts)
    return ok(fact, **facts)
