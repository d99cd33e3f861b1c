"""The code blocks of the pages, as a reader meets them: with the heading above, and the words between."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^( *)(`{3,})([^`]*)$")
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two fences."""

    page: str
    line: int
    """Of the page, where its fence is."""
    language: str
    title: str
    """A file's name, or that of a terminal; empty without one."""
    heading: str
    """The last one above it."""
    text: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class Words:
    """A line of prose."""

    heading: str
    text: str


def pages() -> list[str]:
    """Every page that a reader is sent to, by its path in the repository."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benches/README.md"]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def read(page: str) -> list[Block | Words]:
    """The page from top to bottom. A fence that is never closed is an error."""
    return parse(page, (ROOT / page).read_text(encoding="utf-8"))


def parse(page: str, text: str) -> list[Block | Words]:
    parts: list[Block | Words] = []
    heading = ""
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if fence := _FENCE.match(line):
            body = _body(lines, fence[2], f"{page}:{number}")
            language, _, rest = fence[3].strip().partition(" ")
            title = _TITLE.search(rest)
            parts.append(Block(page, number, language, title[1] if title else "", heading, body))
        else:
            heading = line.lstrip("# ") if line.startswith("#") else heading
            parts.append(Words(heading, line))
    return parts


def blocks(page: str) -> list[Block]:
    return [part for part in read(page) if isinstance(part, Block)]


def _body(lines, fence: str, where: str) -> str:
    body = []
    for _, line in lines:
        if line.strip() == fence:
            return textwrap.dedent("".join(f"{one}\n" for one in body))
        body.append(line)
    raise AssertionError(f"{where}: the block is never closed")
