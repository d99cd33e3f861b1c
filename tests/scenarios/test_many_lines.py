"""The example of many lines in several processes, against the simulator."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from trunkline import Pool
from trunkline.client.pool import run
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
