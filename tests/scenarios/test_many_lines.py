"""The example of many lines in several processes, against the simulator."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from trunkline import Pool
from trunkline.client.pool import run
from trunkline.protocol.events import AudioDelta
from trunkline.protocol.kernel import Kernel
from trunkline.simulator import SimulatorServer, Timing, Tone

EXAMPLE = Path(__file__).parents[2] / "examples/many_lines.py"


async def _talk(port: int) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore",
        str(EXAMPLE),
        *("--lines", "5", "--processes", "2", "--seconds", "1"),
        *("--base-url", f"ws://127.0.0.1:{port}/v1", "--api-key", "sk-test-many"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await asyncio.wait_for(process.communicate(), 50)
    assert process.returncode == 0, errors.decode()
    return out.decode()


def test_five_lines_in_two_processes_speak_and_hear():
    async def scenario() -> str:
        timing = Timing(pace=1.0, delta_ms=20)
        async with SimulatorServer(voice=Tone(tone_ms=60_000), timing=timing) as server:
            return await _talk(server.port)

    told = re.fullmatch(
        r"5 lines in 2 processes: given ([\d.]+) s, heard ([\d.]+) s\n", asyncio.run(scenario())
    )
    assert told is not None
    given, heard = map(float, told.groups())
    assert given >= 5 * 0.9
    assert heard > 0.5


@pytest.mark.realtime_server(voice="tone")
def test_a_line_on_uvloop_lives_and_ends(realtime_server):
    pytest.importorskip("uvloop", reason="not proven without uvloop: that lines run on it")

    async def scenario() -> list[str]:
        assert type(asyncio.get_running_loop()).__module__ == "uvloop"
        kinds = []
        url, key = realtime_server.websocket_url, realtime_server.key
        async with Pool(2, base_url=url, api_key=key) as pool:
            line, _ = await pool.open(), await pool.open()
            line.send_audio(bytes(960))
            line.send({"type": "response.create"})
            # Longer than the kernel is left unasked.
            await asyncio.sleep(0.3)
            async for event in line:
                kinds.append(type(event).__name__)
                if kinds[-1] == "ResponseDone":
                    break
        return kinds

    assert "AudioDelta" in run(scenario())


async def _unread(port: int, seconds: float) -> tuple[int, int]:
    """A line that reads nothing for so long, while an answer comes; gives its epoch, and what it heard behind that."""
    url = f"ws://127.0.0.1:{port}/v1"
    async with Pool(1, base_url=url, api_key="sk-test-unread") as pool:
        line = await pool.open()
        heard = []
        listening = asyncio.create_task(line.listen(heard.append))
        line.send({"type": "response.create"})
        while not any(type(event) is AudioDelta for event in heard):
            await asyncio.sleep(0.01)
        (link,) = line._driver._links.values()
        link._connection._reading.pause()
        # Audio has the next ping go out within a second.
        line.send_audio(bytes(960))
        await asyncio.sleep(seconds)
        epoch = line.epoch
        link._connection._reading.resume()
        heard.clear()
        while not any(type(event) is AudioDelta for event in heard):
            await asyncio.sleep(0.01)
        listening.cancel()
        return epoch, line.epoch


def test_a_link_that_is_read_late_is_not_taken_for_dead(monkeypatch: pytest.MonkeyPatch):
    """As by a loop with more lines than it carries; without a look at what waits it would be."""

    async def scenario() -> tuple[int, int]:
        timing = Timing(pace=1.0, delta_ms=20)
        async with SimulatorServer(voice=Tone(tone_ms=60_000), timing=timing) as server:
            async with asyncio.timeout(30):
                return await _unread(server.port, 6.0)

    assert asyncio.run(scenario()) == (1, 1)
    monkeypatch.setattr(Kernel, "waits", lambda *_, **__: None)
    before, _ = asyncio.run(scenario())
    assert before > 1
