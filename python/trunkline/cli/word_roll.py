"""The words of a conversation as a terminal rolls them: whole utterances scroll away, the last one grows below."""

from __future__ import annotations

from trunkline.cli.cellwidth import tail, wrapped

__all__ = ["LEAD_CELLS", "WordRoll"]

LEAD_CELLS = 10
"""What `cli.words` puts before an utterance: who speaks."""


class WordRoll:
    """Takes what `cli.words.Words` writes, in pieces of any size."""

    def __init__(self) -> None:
        self._open = ""
        self._whole: list[str] = []

    def write(self, text: str) -> None:
        """Some more of it; a line break ends an utterance."""
        *whole, self._open = (self._open + text).split("\n")
        self._whole += [line for line in whole if line]

    def take(self, columns: int) -> list[str]:
        """The utterances that are over, in lines that fit; each is given once."""
        found = [line for said in self._whole for line in _lines(said, columns)]
        self._whole = []
        return found

    def growing(self, columns: int, *, mark: str = "…") -> str:
        """The end of the utterance that is being written, on one line that fits; empty between two.

        `mark` stands for what is no longer seen.
        """
        lead, said = self._open[:LEAD_CELLS], self._open[LEAD_CELLS:].rstrip()
        room = max(columns - 1 - len(lead), 0)
        shown = tail(said, room)
        return lead + (shown if shown == said else mark + tail(said, room - 1))


def _lines(said: str, columns: int) -> list[str]:
    lead, words = said[:LEAD_CELLS], said[LEAD_CELLS:]
    first, *rest = wrapped(words, max(columns - 1 - LEAD_CELLS, 10))
    return [lead + first, *(" " * LEAD_CELLS + line for line in rest)]
