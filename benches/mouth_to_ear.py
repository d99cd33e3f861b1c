"""From a mouth to the server and from the server to an ear: what each part of the way takes.

A line to a simulator in this process carries recorded turns and their answers, in real time. The microphone is a file
and the loudspeaker nothing, with no latency of their own; with `--devices` they are this machine's by name, and the
recording is said in place of what the microphone hears. The model's own time (the end of a turn, the first sound of an
answer) is left out.

    python benches/mouth_to_ear.py [--turns 5] [--prefill-ms 40] [--delta-ms 200] [--pace 5] [--devices NAME]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import wave
from pathlib import Path

import trunkline
from trunkline.audio.jitter import PREFILL_MS
from trunkline.devices.files import pcm_source
from trunkline.devices.player import Player
from trunkline.devices.silence import silent_sink
from trunkline.protocol import events
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing

SPEECH = Path(__file__).parents[1] / "python/trunkline/speech"
ANSWER_SECONDS = 6.0
"""The longest answer, and the half second of silence that ends a turn."""
RESPONSE_DELAY = 0.1
SESSION = {
    "audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}}
}


def turn(number: int) -> bytes:
    with wave.open(str(SPEECH / f"caller_{number % 5 + 1}.wav")) as file:
        return file.readframes(file.getnframes()) + bytes(round(ANSWER_SECONDS * 48_000))


class Budget:
    """One call, and a list of seconds for each part of the way."""

    def __init__(self, prefill_ms: int) -> None:
        self.player = Player(prefill_ms=prefill_ms)
        self.captured: list[float] = []
        self.given: list[float] = []
        self.sent: list[tuple[int, float]] = []
        """Of each block, samples up to its end and when it was given to the line."""
        self.came: dict[str, float] = {}
        """When the first audio of each answer came out of the line."""
        self.played: dict[str, tuple[float, float]] = {}
        """When its first sample was pulled, and when it is heard."""
        self._now = asyncio.get_running_loop().time

    async def speak(self, line: trunkline.Line, source, said: bytes) -> None:
        samples = 0
        async for block in source:
            before = self._now()
            self.captured.append(before - block.at)
            pcm = said[2 * samples : 2 * samples + len(block.pcm)]
            if not pcm:
                return
            line.send_audio(pcm)
            samples += len(pcm) // 2
            self.sent.append((samples, before))
            self.given.append(self._now() - before)

    async def listen(self, line: trunkline.Line) -> None:
        async for event in line:
            if isinstance(event, events.AudioDelta):
                self.came.setdefault(event.item_id, self._now())
            self.player.receive(event)

    def fill(self, count_samples: int, heard_at: float) -> bytes:
        pcm = self.player.fill(count_samples, heard_at)
        # A look into the queue to the loop, which nobody empties here.
        at, spans = self.player._given[-1] if self.player._given else (0.0, ())
        for span in spans:
            self.played.setdefault(span.item_id, (self._now(), at + span.offset / 24_000))
        return pcm

    def parts(self, server: SimulatorServer) -> dict[str, list[float]]:
        (session,) = server.sessions
        arrived = {append.start + append.count: append.at for append in session.appends}
        begun = {r.item_id: r.at + RESPONSE_DELAY for r in session.responses}
        up = [arrived[end] - at for end, at in self.sent if end in arrived]
        heard = {item: times for item, times in self.played.items() if item in begun}
        return {
            "mouth: a block is captured": self.captured,
            "line: it becomes a message": self.given,
            "link: the server has it": up,
            "link: an answer's first audio comes": [
                self.came[item] - begun[item] for item in heard
            ],
            "playout: it is pulled": [times[0] - self.came[item] for item, times in heard.items()],
            "ear: it is heard": [times[1] - times[0] for times in heard.values()],
        }


def devices(name: str | None, pcm: bytes):
    if name is None:
        return pcm_source(pcm), silent_sink()
    from trunkline.devices.loudspeaker import Loudspeaker
    from trunkline.devices.microphone import Microphone

    microphone, _, loudspeaker = name.partition(",")
    return Microphone(microphone), Loudspeaker(loudspeaker or microphone)


async def call(arguments: argparse.Namespace) -> dict[str, list[float]]:
    pcm = b"".join(turn(number) for number in range(arguments.turns))
    timing = Timing(pace=arguments.pace, delta_ms=arguments.delta_ms, response_delay=RESPONSE_DELAY)
    budget = Budget(arguments.prefill_ms)
    source, sink = devices(arguments.devices, pcm)
    async with SimulatorServer(timing=timing) as server:
        line = trunkline.connect(
            api_key="sk-test-budget", base_url=server.base_url, session=SESSION
        )
        async with line, sink, source:
            sink.start(budget.fill)
            listening = asyncio.create_task(budget.listen(line))
            await budget.speak(line, source, pcm)
            listening.cancel()
            stats = budget.player.stats
        print(f"{stats.underruns} underruns, {stats.faded_samples} samples faded\n")
        return budget.parts(server)


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--prefill-ms", type=int, default=PREFILL_MS)
    parser.add_argument("--delta-ms", type=int, default=200)
    parser.add_argument("--pace", type=float, default=5.0)
    parser.add_argument(
        "--devices", help="a microphone, or a microphone and a loudspeaker with a comma"
    )
    parts = asyncio.run(call(parser.parse_args()))
    print(f"{'part, ms':38}{'median':>9}{'p99':>9}{'n':>6}")
    for part, seconds in parts.items():
        median = 1000 * statistics.median(seconds)
        print(f"{part:38}{median:9.2f}{1000 * quantile(seconds, 0.99):9.2f}{len(seconds):6}")
    total = sum(statistics.median(seconds) for seconds in parts.values())
    print(f"{'sum of medians':38}{1000 * total:9.2f}")


if __name__ == "__main__":
    main()
