"""The judge: from the simulator's side, what became of every sample the caller spoke.

The caller's stream carries a seeded noise of one step, too weak for the voice activity detection, so that any
piece of it says where it belongs. The judge trusts no counter of the client: it looks at what each session was given.
"""

from __future__ import annotations

import wave
from itertools import pairwise
from pathlib import Path

import numpy as np

SPEECH = Path(__file__).parents[2] / "python/trunkline/speech"
RATE_HZ = 24_000
CHUNK_SAMPLES = 480
_KEY_SAMPLES = 48

Span = tuple[int, int]


def caller_stream(turns: list[int], *, pause_ms: int = 900) -> tuple[list[bytes], bytes]:
    """The recorded turns with a pause after each, as pieces and as one; every piece of it unique."""
    dice = np.random.default_rng(7)
    pieces = []
    for turn in turns:
        with wave.open(str(SPEECH / f"caller_{turn}.wav")) as file:
            speech = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int32)
        silence = np.zeros(pause_ms * RATE_HZ // 1000, np.int32)
        piece = np.concatenate([speech, silence])
        piece = np.pad(piece, (0, -len(piece) % CHUNK_SAMPLES))
        piece = np.clip(piece + dice.integers(-1, 2, len(piece)), -32768, 32767)
        pieces.append(piece.astype("<i2").tobytes())
    return pieces, b"".join(pieces)


class Judge:
    """Reads the sessions of a simulator against the caller's stream."""

    def __init__(self, stream: bytes, sessions: list) -> None:
        self._stream = stream
        self._sessions = sessions

    def place(self, pcm: bytes, after: int = 0) -> Span:
        """Where in the stream a piece was taken from; it must be there bit for bit."""
        key = pcm[: 2 * _KEY_SAMPLES]
        at = self._stream.find(key, 2 * after)
        while at % 2:
            at = self._stream.find(key, at + 1)
        assert at >= 0, "audio reached the server that the caller never spoke"
        assert self._stream[at : at + len(pcm)] == pcm, "audio was changed on the way"
        return at // 2, (at + len(pcm)) // 2

    def appended(self, session) -> list[Span]:
        """What a session was given as audio, in its order."""
        return [self.place(one.pcm) for one in session.appends]

    def spans_of(self, session, item) -> list[Span]:
        """Which of the caller's samples an item of the user holds, however it came to hold them."""
        if item.origin == "committed":
            return self._from_buffer(session, *item.samples)
        if item.pcm:
            return [self.place(item.pcm)]
        return self._from_words(session, item.text)

    def _from_buffer(self, session, low: int, high: int) -> list[Span]:
        spans = []
        for one in session.appends:
            start, end = max(low, one.start), min(high, one.start + one.count)
            if start < end:
                base = self.place(one.pcm)[0]
                spans.append((base + start - one.start, base + end - one.start))
        return spans

    def _from_words(self, session, words: str) -> list[Span]:
        """A restored text stands for the audio of the item that was transcribed so."""
        earlier = self._sessions[: self._sessions.index(session)]
        for other in reversed(earlier):
            for item in other.items_of("committed"):
                if item.text == words:
                    return self.spans_of(other, item)
        raise AssertionError(f"nobody ever said {words!r}")

    def check(self) -> None:
        """Every promise about the user's audio, for all sessions of the run."""
        for session in self._sessions:
            self._check_order(session)
            self._check_once(session)
        self._check_complete()

    def _check_order(self, session) -> None:
        spans = self.appended(session)
        assert spans == sorted(spans), "audio was appended out of order"
        assert all(a[1] <= b[0] for a, b in pairwise(spans)), "appended twice"

    def _check_once(self, session) -> None:
        """No sample is in a conversation twice: neither in two items, nor restored and appended."""
        held = np.zeros(len(self._stream) // 2, np.int8)
        for item in session.items:
            if item.role == "user":
                for low, high in self.spans_of(session, item):
                    held[low:high] += 1
        assert held.max(initial=0) <= 1, "audio is in two items of one conversation"
        restored = np.zeros(len(held), bool)
        for item in session.items_of("created"):
            if item.role == "user":
                for low, high in self.spans_of(session, item):
                    restored[low:high] = True
        for low, high in self.appended(session):
            assert not restored[low:high].any(), "restored audio was appended again"

    def _check_complete(self) -> None:
        """Everything was given to some session, and all speech is in an item of the last one."""
        given = np.zeros(len(self._stream) // 2, bool)
        for session in self._sessions:
            for low, high in self.appended(session):
                given[low:high] = True
        assert given.all(), f"{int((~given).sum())} samples never reached a server"
        held = np.zeros(len(given), bool)
        last = self._sessions[-1]
        for item in last.items:
            if item.role == "user":
                for low, high in self.spans_of(last, item):
                    held[low:high] = True
        loud = np.abs(np.frombuffer(self._stream, "<i2").astype(int)) > 1000
        assert held[loud].all(), "speech is missing from the final conversation"
