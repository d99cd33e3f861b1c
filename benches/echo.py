"""Echo of recorded speech in a simulated room: how much of it is left, and what becomes of a voice beside it.

The far end are the interpreter's recordings, the near end is a caller's. A room is noise that decays by 60 dB in its
RT60 behind a direct sound, 5 ms late, at `coupling` dB below what is played; the microphone hisses at -70 dBFS. Far end
alone is judged from its third second on, when everything has been learned. For the voice beside it the caller speaks
at his own level 15 s into the answer. The canceller needs the extra `aec`.

    python benches/echo.py [--seconds 18]
"""

from __future__ import annotations

import argparse
import time
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trunkline.devices.base import BLOCK_SAMPLES, RATE_HZ, Block
from trunkline.devices.echo import EchoCanceller, HalfDuplex, NoEcho
from trunkline.errors import MediaError

SPEECH = Path(__file__).parents[1] / "python/trunkline/speech"
LATENCY = 0.06
"""What is given now is heard so much later, as by a loudspeaker over PortAudio."""
VOICE_AT = 15.0
LEARNED_AT = 3.0


@dataclass
class Heard:
    pcm: np.ndarray
    silent: np.ndarray
    """Of each block, whether it was replaced."""
    block_us: float


def recording(kind: str, numbers: range) -> np.ndarray:
    parts = []
    for number in numbers:
        with wave.open(str(SPEECH / f"{kind}_{number}.wav")) as file:
            parts.append(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
    return np.concatenate(parts).astype(float)


def room(coupling_db: float, rt60: float, dice: np.random.Generator) -> np.ndarray:
    time_of = np.arange(int(RATE_HZ * rt60)) / RATE_HZ
    response = dice.standard_normal(len(time_of)) * 10 ** (-3 * time_of / rt60)
    response[0] = 4
    response *= 10 ** (coupling_db / 20) / np.sqrt((response**2).sum())
    return np.concatenate([np.zeros(int(0.005 * RATE_HZ)), response])


def dbfs(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt((samples**2).mean()) / 32768 * np.sqrt(2) + 1e-5))


def pcm_of(samples: np.ndarray) -> bytes:
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()


def through(echo, far: np.ndarray, mic: np.ndarray, *, late: float = 0.0) -> Heard:
    """What is left of the microphone; `late` is by how much the loudspeaker is really later than it says."""
    far_pcm, mic_pcm = pcm_of(far), pcm_of(np.roll(mic, round(late * RATE_HZ)))
    cleaned, silent, took = b"", [], 0.0
    for number in range(len(far) // BLOCK_SAMPLES):
        part = slice(2 * BLOCK_SAMPLES * number, 2 * BLOCK_SAMPLES * (number + 1))
        at = number * BLOCK_SAMPLES / RATE_HZ
        # The loudspeaker is ahead of the microphone by what it holds.
        began = time.process_time()
        echo.played(far_pcm[part], at + LATENCY)
        pcm = echo.clean(Block(mic_pcm[part], at)).pcm
        took += time.process_time() - began
        silent.append(not any(pcm))
        cleaned += pcm
    return Heard(
        np.frombuffer(cleaned, "<i2").astype(float), np.array(silent), took / len(silent) * 1e6
    )


def played_in(far: np.ndarray, response: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    shifted = np.concatenate([np.zeros(round(LATENCY * RATE_HZ)), far])[: len(far)]
    hiss = 32768 / np.sqrt(2) * 10 ** (-70 / 20)
    size = len(far) + len(response)
    echo = np.fft.irfft(np.fft.rfft(shifted, size) * np.fft.rfft(response, size), size)[: len(far)]
    return echo + hiss * dice.standard_normal(len(far))


def far_end_alone(
    make, far: np.ndarray, mic: np.ndarray, late: float = 0.0
) -> tuple[float, float, float]:
    """How loud the microphone was, how loud what is left of it is, and what a block cost."""
    heard = through(make(), far, mic, late=late)
    part = slice(round(LEARNED_AT * RATE_HZ), len(heard.pcm))
    return dbfs(mic[part]), dbfs(heard.pcm[part]), heard.block_us


def beside(make, far: np.ndarray, mic: np.ndarray, voice: np.ndarray) -> tuple[float, float, float]:
    """Level lost by the voice where it got through, the share of its blocks that did, and how late the first was."""
    start = round(VOICE_AT * RATE_HZ)
    mixed = mic.copy()
    mixed[start : start + len(voice)] += voice
    heard = through(make(), far, mixed)
    loud = [
        at
        for at in range(0, len(voice) - BLOCK_SAMPLES, BLOCK_SAMPLES)
        if dbfs(voice[at : at + BLOCK_SAMPLES]) > -40
    ]
    passed = [at for at in loud if not heard.silent[(start + at) // BLOCK_SAMPLES]]
    if not passed:
        return float("nan"), 0.0, float("nan")
    said = np.concatenate([voice[at : at + BLOCK_SAMPLES] for at in passed])
    left = np.concatenate([heard.pcm[start + at :][:BLOCK_SAMPLES] for at in passed])
    return dbfs(said) - dbfs(left), len(passed) / len(loud), (passed[0] - loud[0]) / RATE_HZ


def shown(level: float) -> str:
    return "silence" if level < -95 else f"{level:.0f}"


def rooms(makes: dict, far: np.ndarray, voice: np.ndarray) -> None:
    print(
        "room                |             | echo, dBFS     | voice: level | through | after  | CPU a block"
    )
    for coupling in (-20.0, -12.0, -6.0):
        for rt60 in (0.2, 0.4):
            dice = np.random.default_rng(1)
            mic = played_in(far, room(coupling, rt60, dice), dice)
            for name, make in makes.items():
                before, left, block_us = far_end_alone(make, far, mic)
                lost, share, after = beside(make, far, mic, voice)
                where, echo = f"{coupling:.0f} dB, RT60 {rt60} s", f"{before:.0f} to {shown(left)}"
                print(
                    f"{where:19} | {name:11} | {echo:14} | {-lost:+9.1f} dB | {share:7.0%} | {1000 * after:3.0f} ms |"
                    f" {block_us:.0f} µs"
                )


def leaks(far: np.ndarray) -> None:
    """How many blocks of echo half duplex lets through, from the first on, in rooms of all kinds."""
    through_it = echoes = 0
    for seed, coupling in enumerate(np.linspace(-30, 3, 12)):
        dice = np.random.default_rng(seed)
        mic = played_in(far, room(coupling, dice.uniform(0.15, 0.5), dice), dice)
        heard = through(HalfDuplex(), far, mic)
        levels = [dbfs(block) for block in mic[: len(heard.pcm)].reshape(-1, BLOCK_SAMPLES)]
        is_echo = np.array(levels) > -60
        echoes += int(is_echo.sum())
        through_it += int((is_echo & ~heard.silent).sum())
    print(
        f"\nhalf duplex: {through_it} of {echoes} blocks of echo let through in twelve rooms, -30 to 3 dB"
    )


def latencies(makes: dict, far: np.ndarray) -> None:
    print("\nechoes later than the loudspeaker tells (-12 dB, RT60 0.2 s): echo left, dBFS")
    dice = np.random.default_rng(1)
    mic = played_in(far, room(-12, 0.2, dice), dice)
    for late in (-0.06, -0.04, -0.02, 0.0, 0.05, 0.1, 0.2):
        left = (shown(far_end_alone(make, far, mic, late)[1]) for make in makes.values())
        print(f"{1000 * late:6.0f} ms | {' | '.join(left)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=18.0)
    seconds = parser.parse_args().seconds
    makes = {"nothing": NoEcho, "half duplex": HalfDuplex, "canceller": EchoCanceller}
    try:
        EchoCanceller()
    except MediaError as error:
        print(error)
        del makes["canceller"]
    far = recording("interpreter", range(1, 6))
    far = np.tile(far, int(np.ceil(seconds * RATE_HZ / len(far))))[: round(seconds * RATE_HZ)]
    voice = recording("caller", range(3, 4))[: round(3 * RATE_HZ)]
    print(f"far end {dbfs(far):.1f} dBFS, voice {dbfs(voice):.1f} dBFS\n")
    rooms(makes, far, voice)
    leaks(far)
    latencies(makes, far)


if __name__ == "__main__":
    main()
