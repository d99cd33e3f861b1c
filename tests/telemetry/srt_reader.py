"""A strict reader of SubRip files: whatever a player might stumble over is an AssertionError."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TIMES = re.compile(r"(\d\d):([0-5]\d):([0-5]\d),(\d{3}) --> (\d\d):([0-5]\d):([0-5]\d),(\d{3})")
_SPEAKER = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True)
class ReadCue:
    begin_ms: int
    end_ms: int
    lines: tuple[str, ...]

    @property
    def speaker(self) -> str:
        found = _SPEAKER.match(self.lines[0])
        return found[1] if found else ""

    @property
    def words(self) -> str:
        return " ".join(self.lines).removeprefix(f"[{self.speaker}] ")


def _ms(hours: str, minutes: str, seconds: str, thousandths: str) -> int:
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(thousandths)


def read_srt(data: bytes) -> list[ReadCue]:
    text = data.decode("utf-8", errors="strict")
    assert not text.startswith("\ufeff")
    assert "\r" not in text
    if not text:
        return []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    cues = []
    for number, block in enumerate(text[:-1].split("\n\n"), start=1):
        lines = block.split("\n")
        assert lines[0] == str(number)
        times = _TIMES.fullmatch(lines[1])
        assert times, lines[1]
        cue = ReadCue(_ms(*times.groups()[:4]), _ms(*times.groups()[4:]), tuple(lines[2:]))
        _check(cue)
        cues.append(cue)
    _check_order(cues)
    return cues


def _check(cue: ReadCue) -> None:
    assert cue.begin_ms < cue.end_ms
    assert 1 <= len(cue.lines) <= 2
    for line in cue.lines:
        assert line == line.strip() != ""
        assert len(line) <= 42
        assert "-->" not in line
        # Other readers take other characters for the end of a line.
        assert len(line.splitlines()) == 1


def _check_order(cues: list[ReadCue]) -> None:
    assert cues == sorted(cues, key=lambda cue: cue.begin_ms)
    ends: dict[str, int] = {}
    for cue in cues:
        assert cue.begin_ms >= ends.get(cue.speaker, 0)
        ends[cue.speaker] = cue.end_ms
