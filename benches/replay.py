"""Replay at its limits: makes a recording of an hour of a hundred lines by a seed, and measures seeking and speed.

    python benches/replay.py [--lines 100] [--minutes 60] [--beats 1] [--seed 1] [--keep FILE]

Targets: any moment within 1 s, 60 times as fast as it was. Where others have the processor, too, `seek_cpu_s` and
`speed_of_a_core` say what it would be without them. Seeks go to moments drawn by the seed, and to just before
cuts, which are the worst.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import tempfile
import time
from pathlib import Path

from trunkline.fleet.block import Stamped
from trunkline.fleet.breath import Breath
from trunkline.fleet.coding import Coding, best_coding
from trunkline.fleet.player import Player
from trunkline.fleet.recorder import RecordingFile
from trunkline.fleet.scribe import Scribe
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import (
    LinkOpened,
    Milestone,
    MilestoneKind,
    RoundTrip,
    SessionReady,
    Speaker,
    Transcript,
    Transition,
)
from trunkline.telemetry import beat
from trunkline.telemetry.frames import Beat, Began, Told
from trunkline.telemetry.histogram import bucket_of

WALL = 1_790_000_000.0
TURN_SECONDS = 8.0


class SyntheticLine:
    """What a line of a demo tells, without a line."""

    def __init__(self, number: int, dice: random.Random) -> None:
        self.key, self.number, self.dice = f"9.{number}.synthetic", number, dice
        self.offset = WALL - number
        self.turn_at = number + dice.random() * TURN_SECONDS
        self.turn = 0

    def begin(self, at: float):
        yield Began(
            line=self.key,
            at=at,
            wall_offset=self.offset,
            name=f"web-{self.number:04}",
            server="api.openai.com",
            process="synthetic 9",
        )
        yield self.told(
            Transition(at=at, epoch=0, source=State.IDLE, target=State.DIALING, cause="start")
        )
        yield self.told(LinkOpened(at=at, epoch=1, took=0.1))
        yield self.told(
            SessionReady(at=at, epoch=1, session_id="s", model="gpt-realtime", expires_at=None)
        )
        yield self.told(
            Transition(at=at, epoch=1, source=State.DIALING, target=State.LIVE, cause="restored")
        )

    def told(self, fact):
        return Told(line=self.key, fact=fact)

    def beat(self, at: float, share: float):
        """What is told of so many seconds."""
        dice = self.dice
        chunks = round(50 * share)
        yield Beat(
            line=self.key,
            at=at,
            epoch=1,
            sums={
                beat.ACCEPTED: 480 * chunks,
                beat.SENT: 480 * chunks,
                beat.CONSUMED: 440 * chunks,
                beat.UP_BYTES: 1320 * chunks,
                beat.DOWN_BYTES: 1640 * chunks,
                beat.UP_MESSAGES: chunks,
                beat.DOWN_MESSAGES: chunks // 2,
                beat.UP_CHUNKS: chunks,
                beat.TIMED_CHUNKS: chunks,
                beat.INPUT_ENERGY: 3.6 * chunks,
                beat.INPUT_SAMPLES: 480 * chunks,
            },
            gauges={beat.OUTBOX: 0, beat.RETAINED: 48000, beat.TRANSPORT: 0, beat.INPUT_PEAK: 0.4},
            spreads={
                beat.LATENESS: tuple(bucket_of(dice.uniform(1e-4, 4e-3)) for _ in range(chunks))
            },
            types={
                "up input_audio_buffer.append": chunks,
                "down response.output_audio.delta": chunks // 2,
            },
        )
        if dice.random() < 0.5 * share:
            yield self.told(RoundTrip(at=at, epoch=1, rtt=dice.lognormvariate(-3.2, 0.4)))
        if at >= self.turn_at:
            self.turn_at += TURN_SECONDS
            yield from self.a_turn(at)

    def a_turn(self, at: float):
        self.turn += 1
        item, response = f"item_{self.turn}", f"resp_{self.turn}"
        for kind, after in (
            (MilestoneKind.SPEECH_STARTED, 0.0),
            (MilestoneKind.SPEECH_STOPPED, 0.1),
            (MilestoneKind.COMMITTED, 0.1),
            (MilestoneKind.RESPONSE_CREATED, 0.2),
            (MilestoneKind.FIRST_AUDIO, 0.3),
            (MilestoneKind.RESPONSE_DONE, 0.4),
        ):
            yield self.told(
                Milestone(at=at + after, epoch=1, kind=kind, item_id=item, response_id=response)
            )
        for speaker in Speaker:
            text = "What was said in this turn, some ten words of it."
            yield self.told(
                Transcript(
                    at=at + 0.4, epoch=1, speaker=speaker, item_id=item, text=text, final=True
                )
            )


def write(path: Path, *, lines: int, minutes: float, seed: int, coding: Coding, beats: int) -> int:
    """The recording; gives how many frames it has."""
    dice = random.Random(seed)
    file, breath = RecordingFile(path), Breath(longest=float("inf"))
    scribe = Scribe(file.write, coding=coding, process="synthetic")
    crowd = [SyntheticLine(number, random.Random(dice.random())) for number in range(lines)]
    scribe.begin(WALL)
    count = 0
    for tick in range(round(minutes * 60 * beats)):
        now = WALL + tick / beats
        frames = []
        for one in crowd:
            at = now - one.offset
            came = one.beat(at, 1 / beats) if tick else one.begin(at)
            frames += [Stamped(now, frame) for frame in came]
        count += len(frames)
        scribe.take(frames, breath)
        scribe.tick(now, breath)
    scribe.flush(now)
    file.close()
    return count


def measure_seeks(player: Player, places: list[float]) -> list[tuple[float, float]]:
    """Seconds from the wish to the snapshots of that moment, for each, and of the processor's among them."""
    took = []
    for place in places:
        began, used = time.perf_counter(), time.process_time()
        player.playback.seek(place)
        while (fleet := player.fleet()) is None or abs(fleet.at - place) > 0.01:
            time.sleep(0.002)
        took.append((time.perf_counter() - began, time.process_time() - used))
    return took


def measure_speed(player: Player, seconds: float) -> tuple[float, float]:
    """How many seconds of the recording were played in one, and in one of the processor."""
    player.playback.seek(player.playback.begins_at + 60)
    time.sleep(1.0)
    before, began, used = player.playback.position, time.perf_counter(), time.process_time()
    player.playback.play(120.0)
    while time.perf_counter() - began < seconds and not player.playback.has_ended:
        time.sleep(0.01)
    played = player.playback.position - before
    took, used = time.perf_counter() - began, time.process_time() - used
    player.playback.play(0.0)
    return played / took, played / used


def _told(figures: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(figures), 3), "worst": round(max(figures), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--beats", type=int, default=1, help="a second; 2 while somebody looked")
    parser.add_argument("--seeks", type=int, default=20)
    parser.add_argument("--nice", type=int, default=0, help="as renice(1); below 0 as root")
    parser.add_argument("--plain", action="store_true", help="without compression")
    parser.add_argument("--keep", type=Path, help="where to leave the recording")
    options = parser.parse_args()
    os.nice(options.nice)
    path = options.keep or Path(tempfile.mkdtemp()) / "replay.tlrec"
    began = time.perf_counter()
    frames = write(
        path,
        lines=options.lines,
        minutes=options.minutes,
        seed=options.seed,
        coding=Coding.PLAIN if options.plain else best_coding(),
        beats=options.beats,
    )
    wrote = time.perf_counter() - began
    began = time.perf_counter()
    with Player(path, speed=0.0) as player:
        opened = time.perf_counter() - began
        playback = player.playback
        dice = random.Random(options.seed)
        places = [dice.uniform(playback.begins_at, playback.ends_at) for _ in range(options.seeks)]
        places += [cut.at - 0.5 for cut in player.recording.cuts[2:6]]
        took = measure_seeks(player, places)
        speed = measure_speed(player, 6.0)
    told = {
        "lines": options.lines,
        "minutes": options.minutes,
        "beats": options.beats,
        "frames": frames,
        "megabytes": round(path.stat().st_size / 1e6, 1),
        "write_s": round(wrote, 1),
        "write_us_a_frame": round(wrote / frames * 1e6, 1),
        "open_s": round(opened, 3),
        "seek_s": _told([wall for wall, _ in took]),
        "seek_cpu_s": _told([cpu for _, cpu in took]),
        "speed": round(speed[0], 1),
        "speed_of_a_core": round(speed[1], 1),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(told))
    if options.keep is None:
        path.unlink()


if __name__ == "__main__":
    main()
