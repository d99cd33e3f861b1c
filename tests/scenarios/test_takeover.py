"""One conversation, two processes: the second goes on where the first was."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import trunkline
from scenarios.calling import TIMING, VAD
from scenarios.judging import Judge, caller_stream
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.simulator.server import SimulatorServer


async def _snapshot_of_another_process(base_url: str) -> bytes:
    script = Path(__file__).with_name("first_half.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), base_url, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out


def test_another_process_takes_the_conversation_over_and_nothing_is_lost_or_doubled():
    async def scenario() -> None:
        pieces, stream = caller_stream([1, 3])
        facts: list[seen.Observation] = []
        async with SimulatorServer(timing=TIMING) as server, asyncio.timeout(40):
            document = await _snapshot_of_another_process(server.base_url)
            assert b"sk-test" not in document
            line = trunkline.connect(
                api_key="sk-test-1",
                base_url=server.base_url,
                restore=document,
                observers=[facts.append],
            )
            async with line:
                rest = pieces[1]
                line.send_audio(rest[len(rest) // 4 * 2 :])
                async for event in line:
                    if isinstance(event, events.ResponseDone):
                        break
                books = line.books()
                assert line.usage().responses == 2
            (restored,) = [fact for fact in facts if isinstance(fact, seen.Restored)]
            assert (restored.items, restored.lost_samples, restored.verified) == (2, 0, True)
            assert books.accepted == len(stream) // 2
            assert books.gap == 0
            assert len(server.sessions) == 2
            settings = server.sessions[1].to_dict()
            assert settings
            Judge(stream, list(server.sessions)).check()

    asyncio.run(scenario())


def test_the_settings_of_a_snapshot_can_be_changed_on_the_way():
    async def scenario() -> None:
        async with SimulatorServer(timing=TIMING) as server, asyncio.timeout(20):
            first = trunkline.connect(api_key="sk-test-1", base_url=server.base_url, session=VAD)
            async with first:
                pass
            second = trunkline.connect(
                api_key="sk-test-1",
                base_url=server.base_url,
                restore=first.snapshot(audio=False),
                session={"instructions": "Be brief."},
                outage=trunkline.Outage.drop(),
            )
            session = second.config.policy.session
            assert session["instructions"] == "Be brief."
            assert session["audio"] == VAD["audio"]
            async with second:
                pass

    asyncio.run(scenario())
