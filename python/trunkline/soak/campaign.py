"""Many segments: how so many hours are cut into them, and how what they found is told to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.soak.stage import Segment

if TYPE_CHECKING:
    from trunkline.soak.outcome import Outcome, Violation

__all__ = ["ELSEWHERE", "LAWS", "describe", "segments"]

_SEGMENT_HOURS = 1.0
_SHOWN_VIOLATIONS = 3
_SHOWN_LINES = 16

LAWS: dict[str, str] = {
    "I1": "every captured sample was given to a session or announced; all speech is in the last conversation",
    "I2": "no sample is in one conversation twice",
    "I3": "audio is appended in the order it was captured",
    "I3b": "a hole is announced before the audio after it is sent",
    "I4": "one link carries audio, and no more links are open than may be",
    "I5": "retries keep their distance, their budget and the server's time; none after a final refusal",
    "I8": "nothing but documented errors comes out of the core",
    "I9": "a refused credential is asked for anew",
    "I10": "nothing of an earlier session reaches the application",
    "I11": "every phase ends by its deadline",
    "I12": "a dead link is found, a living one is kept",
    "I13": "what a line keeps is bounded, whatever is down and for however long",
    "I14": "a closed line ends in bounded time",
    "I15": "an answer is never cut behind what was played, and is silent once it was interrupted",
    "I19": "a tool runs once per call",
    "I20": "two minutes after the last fault the line is live and nothing waits",
    "echo": "items that a restore creates are not told to the application again",
    "order": "items and sound keep their order",
    "outage": "no more audio is delivered late than the application wants",
    "rotation": "a line that nothing disturbs has another session in time when it is asked to",
    "settings": "audio flows under the newest settings that were not refused",
    "tools": "a tool's output is in the conversation, beside its call",
    "turns": "an owed turn is answered, and once",
}
"""The names in violations. I18 (a restore that breaks off changes nothing) is I1, I2 and order at the end of a life."""

ELSEWHERE: dict[str, str] = {
    "I1b": "tests/protocol/test_outbox.py, tests/protocol/test_laws.py",
    "I6": "tests/scenarios/test_secrets.py",
    "I7": "tests/client/test_config.py, tests/transports/test_websocket.py",
    "I13b": "the application's side of it: tests/client/test_inbox.py",
    "I16": "no wall clock reaches the core: the import contracts, tests/protocol/conftest.py",
    "I17": "tests/scenarios/test_recordings.py: a full disk, and one that fills up, end the recording and not the call",
    "I21": "tests/soak/test_stage.py: one seed, one hash",
    "I22": "tests/test_text.py, tests/tui",
}
"""What a soak cannot judge, and which test holds it."""


def segments(hours: float, seed: int, profile: str) -> list[Segment]:
    """So many hours as lives of at most one; a swarm has quiet and stormy ones among it."""
    left = hours * 3600
    found: list[Segment] = []
    while left > 1e-6:
        seconds = min(left, _SEGMENT_HOURS * 3600)
        found.append(Segment(seed=seed, number=len(found), profile=profile, seconds=seconds))
        left -= seconds
    return found


def describe(outcome: Outcome) -> list[str]:
    """Lines for a terminal."""
    faults = sum(outcome.faults.values())
    figures = outcome.figures
    lines = [
        (
            f"{outcome.hours:g} h simulated: {figures['calls']} lines, {figures['sessions']} sessions, "
            f"{figures['switches']} by rotation, {figures['take-overs']} take-overs"
        ),
        f"{figures['turns']} turns, {figures['audio_seconds'] / 3600:.1f} h of audio",
        f"{faults} faults, {len(outcome.violations)} violations",
        f"trace {outcome.trace_hash}",
        "",
        *_matrix(outcome),
    ]
    for violation in outcome.violations[:_SHOWN_VIOLATIONS]:
        lines += ["", *_accusation(violation)]
    return lines


def _matrix(outcome: Outcome) -> list[str]:
    states = sorted({state for _, state in outcome.coverage})
    lines = [f"{'fault':18}" + "".join(f"{state:>12}" for state in states)]
    for kind in sorted(outcome.faults):
        cells = "".join(f"{outcome.coverage[kind, state]:>12}" for state in states)
        lines.append(f"{kind:18}{cells}")
    return lines


def _accusation(violation: Violation) -> list[str]:
    return [
        f"{violation.law} {LAWS.get(violation.law, '')}",
        f"  seed {violation.seed} at {violation.at:.3f} s: {violation.detail}",
        *(f"    {line}" for line in violation.context[-_SHOWN_LINES:]),
    ]
