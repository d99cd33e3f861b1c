"""Entries as a line's inspector gives them, for the tests of what is made of them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.levels import Level
from trunkline.text import Clean

DELTA = Clean("response.output_audio.delta")
APPEND = Clean("input_audio_buffer.append")


def entry(number, kind="ping", **fields):
    """An entry, by default of something that happened here, a tenth of a second after the one before it."""
    at = fields.pop("at", number / 10)
    given = {"at": at, "until": at, "way": Way.LOCAL, **fields}
    return Entry(number=number, type=Clean(kind), **given)


def audio(number, **fields):
    """Some audio of an answer."""
    given = {
        "way": Way.DOWN, "audio_ms": 100.0, "size_bytes": 6400, "count": 1, "turn": 1,
        "response_id": Clean("resp_1"), "wave": (0.1, 0.5), "rms_dbfs": -20.0, "peak_dbfs": -6.0, **fields,
    }  # fmt: skip
    return entry(number, DELTA, **given)


def grown(one, messages=1):
    """The run, so many messages later."""
    return replace(one, count=one.count + messages, until=one.until + messages / 10)


_KINDS = st.sampled_from(["audio", "other audio", "ping", "error", "done"])


def _made(kind, number):
    if kind == "audio":
        return audio(number)
    if kind == "other audio":
        return audio(number, response_id=Clean("resp_2"))
    level = Level.BAD if kind == "error" else Level.OK
    return entry(number, kind, level=level, way=Way.DOWN if kind != "ping" else Way.LOCAL)


@st.composite
def histories(draw):
    """What a ring held at several moments: it grows at its end, runs in it grow, and its start is dropped."""
    ring, number, moments = [], 1, []
    for _ in range(draw(st.integers(1, 6))):
        for kind in draw(st.lists(_KINDS, max_size=6)):
            ring.append(_made(kind, number))
            number += draw(st.integers(1, 3))
        if ring:
            for index in draw(st.lists(st.integers(0, len(ring) - 1), max_size=2)):
                ring[index] = grown(ring[index])
        del ring[: draw(st.integers(0, len(ring)))]
        moments.append(tuple(ring))
    return moments
