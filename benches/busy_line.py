"""The frames of a line on which both sides talk, for benches: a beat each half second, a turn each six."""

from __future__ import annotations

import random

from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import MilestoneKind, Speaker
from trunkline.telemetry.frames import Beat, Began, Told
from trunkline.telemetry.histogram import bucket_of


def began(key: str) -> list[Began]:
    frame = Began(line=key, at=0.0, wall_offset=1_800_000_000.0, name=key, process=f"p {key[-1]}")
    return [frame]


def spread(dice: random.Random, count: int, middle: float) -> tuple[int, ...]:
    return tuple(bucket_of(dice.lognormvariate(0, 0.5) * middle) for _ in range(count))


def busy_beat(key: str, at: float, dice: random.Random) -> Beat:
    """As a line beats while both speak: what a digester makes of half a second of facts."""
    return Beat(
        line=key,
        at=at,
        epoch=1,
        sums={
            "accepted_samples": 12_000, "sent_samples": 12_000, "received_samples": 12_000, "heard_samples": 12_000,
            "up_bytes": 33_000, "down_bytes": 34_000, "up_messages": 25, "down_messages": 28, "up_chunks": 25,
            "down_chunks": 25, "timed_chunks": 25, "played_s": 0.5, "input_energy": 120.0, "input_samples": 12_000,
            "output_energy": 110.0, "output_samples": 12_000,
        },
        gauges={
            "outbox_samples": 480, "outbox_most_samples": 960, "retained_samples": 48_000, "imbalance_samples": 0,
            "transport_bytes": 0, "unsent_bytes": 0, "kernel_rtt_s": 0.031, "kernel_rtt_least_s": 0.028,
            "retransmits": 3,
            "buffered_ms": 120.0, "buffered_least_ms": 80.0, "target_ms": 180.0, "lead_least_s": 0.4,
            "delta_jitter_s": 0.01, "input_peak": 0.4, "output_peak": 0.5, "heard_at_s": at,
        },
        spreads={
            "lateness": spread(dice, 25, 0.0006), "loop_lag": spread(dice, 5, 0.001),
            "delta_gap": spread(dice, 25, 0.02),
        },
        types={"up input_audio_buffer.append": 25, "down response.output_audio.delta": 25,
               "down response.output_audio_transcript.delta": 3},
    )  # fmt: skip


def live(key: str) -> Told:
    return told(
        key, seen.Transition, 0.1, source=State.RESTORING, target=State.LIVE, cause="restored"
    )


def told(key: str, fact: type, at: float, /, **fields: object) -> Told:
    return Told(line=key, fact=fact(at=at, epoch=1, **fields))


def words_of(key: str, at: float, item: str) -> list[Told]:
    """The answer's words as they come, then both sides' in full."""
    words = "so could you move it to Thursday afternoon instead, if that is not too much to ask "
    model, user = Speaker.ASSISTANT, Speaker.USER
    said = [(2.7 + n * 0.5, model, words[n * 16 : n * 16 + 16], False) for n in range(5)]
    said += [(2.5, user, words, True), (5.1, model, words, True)]
    return [
        told(key, seen.Transcript, at + offset, speaker=who, item_id=item, text=text, final=final)
        for offset, who, text, final in said
    ]


def turn(key: str, at: float, number: int) -> list[Told]:
    """What one turn of six seconds tells."""
    response, item = f"resp_{number:020}", f"item_{number:020}"
    marks = [
        (0.1, MilestoneKind.SPEECH_STARTED), (2.1, MilestoneKind.SPEECH_STOPPED), (2.15, MilestoneKind.COMMITTED),
        (2.2, MilestoneKind.RESPONSE_CREATED), (2.6, MilestoneKind.FIRST_AUDIO), (5.2, MilestoneKind.RESPONSE_DONE),
    ]  # fmt: skip
    names = {"item_id": item, "response_id": response, "status": "completed"}
    frames = [told(key, seen.Milestone, at + offset, kind=kind, **names) for offset, kind in marks]
    frames += words_of(key, at, item)
    frames.append(told(key, seen.PlayStarted, at + 2.7, item_id=item, samples=480))
    frames.append(told(key, seen.PlayStopped, at + 5.5, item_id=item, cut=False))
    tokens = {"input_tokens": 812, "output_tokens": 96, "cached_tokens": 512}
    frames.append(told(key, seen.ResponseUsage, at + 5.2, response_id=response, **tokens))
    frames.append(told(key, seen.RateLimits, at + 5.2, limits=(("tokens", 40_000, 38_102, 1.2),)))
    frames.append(
        told(key, seen.SpeechEnded, at + 2.1, item_id=item, end_sample=100, captured_at=at + 1.6)
    )
    return frames


def conversation(key: str, begin: float, end: float, dice: random.Random) -> list[Beat | Told]:
    """All frames of a line between two moments, in order."""
    phase = dice.random()
    halves = range(int(begin * 2) + 1, int(end * 2) + 1)
    frames: list[Beat | Told] = [busy_beat(key, half / 2, dice) for half in halves]
    for number in range(int(begin // 6), int(end // 6)):
        frames += turn(key, number * 6 + phase, number)
    for second in range(int(begin), int(end), 2):
        frames.append(told(key, seen.RoundTrip, second + phase, rtt=0.03 + dice.random() * 0.01))
    return sorted(frames, key=moment)


def moment(frame: Beat | Told) -> float:
    return frame.at if isinstance(frame, Beat) else frame.fact.at


def renamed(frame: Beat | Told, key: str) -> Beat | Told:
    if isinstance(frame, Told):
        return Told(line=key, fact=frame.fact)
    return Beat(
        line=key,
        at=frame.at,
        epoch=1,
        sums=frame.sums,
        gauges=frame.gauges,
        spreads=frame.spreads,
        types=frame.types,
    )
