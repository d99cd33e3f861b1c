"""A long answer for those who ask for one, so that there is time to interrupt it.

A request like "count slowly to one hundred" is answered by counting: one word after another, half a
second each, in the sound of the voice that answers.
"""

from __future__ import annotations

import re

from trunkline.simulator.buffer import BYTES_PER_SAMPLE, SAMPLES_PER_MS
from trunkline.simulator.reply import Reply

__all__ = ["asks_for_length", "recital"]

_WORD_MS = 500
_TEXT_DELAY = 0.1
"""Seconds between two words where there is no audio to take time: ten seconds for a hundred."""
_DEFAULT_COUNT = 100
_LEAST, _MOST = 20, 200
"""Fewer are not long; 200 are 100 s of speech, 4.8 MB."""
_LONG = re.compile(
    r"\b(?:count(?:ing)?\b.*\b(?:to|up|down|from|slowly|until)|(?:very )?slowly|at length|in (?:great )?detail"
    r"|(?:very |really )?long (?:story|answer|poem|speech|essay|tale|text|monologue)|\d{2,} words)\b",
    re.IGNORECASE | re.DOTALL,
)
_UNTIL = re.compile(
    r"\b(?:to|until)\s+(?:the number\s+)?(\d+|[a-z]+(?:[ -][a-z]+)*)", re.IGNORECASE
)
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def asks_for_length(text: str) -> bool:
    """Whether somebody asks for an answer that takes its time."""
    return _LONG.search(text) is not None


def recital(request: str, sound: bytes) -> Reply:
    """Counting as far as the request says, 20 to 200, else to one hundred; `sound` is repeated."""
    count = min(max(_goal(request), _LEAST), _MOST)
    text = ", ".join(_in_words(number) for number in range(1, count + 1)) + "."
    size = count * _WORD_MS * SAMPLES_PER_MS * BYTES_PER_SAMPLE
    pcm = (sound * (size // len(sound) + 1))[:size]
    return Reply(text=text.capitalize(), pcm=pcm, word_delay=_TEXT_DELAY)


def _goal(request: str) -> int:
    found = _UNTIL.search(request)
    if found is None:
        return _DEFAULT_COUNT
    said = found[1].casefold()
    if said.isdigit():
        return min(int(said[:6]), _MOST)
    words = said.replace(" and ", " ")
    known = (number for number in range(_MOST, 0, -1) if _begins(words, _in_words(number)))
    return next(known, _DEFAULT_COUNT)


def _begins(words: str, number: str) -> bool:
    return re.match(rf"{number.replace('-', '[ -]')}\b", words) is not None


def _in_words(number: int) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return f"{_TENS[tens]}-{_ONES[ones]}" if ones else _TENS[tens]
    hundreds, rest = divmod(number, 100)
    whole = f"{_ONES[hundreds]} hundred"
    return f"{whole} {_in_words(rest)}" if rest else whole
