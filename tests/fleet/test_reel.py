"""A recording that runs: which frames have come at which moment, whatever way it was reached."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.hand import BREATH, WALL, Witness, life, said, stamped
from fleet.reels import word, write_old_words, write_words
from trunkline.fleet.coding import Coding
from trunkline.fleet.framing import Kind
from trunkline.fleet.recording import Recording
from trunkline.fleet.reel import Reel
from trunkline.fleet.scribe import Scribe
from trunkline.fleet.state import FleetState
from trunkline.telemetry.frames import Told

SECONDS = 100


class Audience(Witness):
    """A part with the state of what it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.rewinds = 0
        self.rewind()

    def rewind(self) -> None:
        self.rewinds += 1
        self.state = FleetState()

    def adopt(self, keyframe):
        self.state.adopt(keyframe)

    def take(self, stamped, breath):
        super().take(stamped, breath)
        for one in stamped:
            self.state.apply(one.frame)

    def words(self) -> list[str]:
        known = self.state.fold.line("a", WALL + SECONDS)
        return [] if known is None else [one.text for one in known.transcript]


class Show:
    """A reel that is moved by hand."""

    def __init__(self, path, **options) -> None:
        self.now = 0.0
        self.audience = Audience()
        self.recording = Recording(path)
        self.reel = Reel(
            self.recording,
            self.audience,
            rewind=self.audience.rewind,
            clock=lambda: self.now,
            **options,
        )

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.reel.gather()


def expected(second: float) -> list[str]:
    """The newest words at a moment, as the state keeps them."""
    return ["hello", *map(word, range(1, int(second) + 1))][-len_kept() :]


def len_kept() -> int:
    from trunkline.telemetry import transcript

    return transcript.KEPT_LINES if hasattr(transcript, "KEPT_LINES") else 50


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    found = tmp_path_factory.mktemp("reel") / "a.tlrec"
    write_words(found, SECONDS, cut_seconds=30.0)
    return found


@pytest.fixture
def show(path):
    one = Show(path)
    yield one
    one.recording.close()


def last(show: Show) -> str:
    return show.audience.words()[-1]


def test_it_begins_at_the_beginning_and_plays_at_its_speed(show):
    show.passes(0.0)
    assert (show.reel.position, last(show)) == (WALL, "hello")
    show.passes(10.5)
    assert (show.reel.position, last(show)) == (WALL + 10.5, word(10))
    show.reel.play(4.0)
    show.passes(1.0)
    assert (show.reel.position, last(show)) == (WALL + 14.5, word(14))
    assert show.reel.now() == WALL + 14.5
    show.reel.play(0.25)
    show.passes(4.0)
    assert (show.reel.speed, last(show)) == (0.25, word(15))


def test_paused_it_stays_and_goes_on_from_there(show):
    show.passes(0.0)
    show.passes(5.0)
    show.reel.play(0.0)
    show.passes(60.0)
    assert (show.reel.position, show.reel.speed) == (WALL + 5.0, 0.0)
    show.reel.play(1.0)
    show.passes(1.0)
    assert last(show) == word(6)


@pytest.mark.parametrize(("wish", "speed"), [(-1.0, 0.0), (0.01, 0.25), (1e9, 120.0)])
def test_a_speed_that_cannot_be_played_is_brought_within_what_can(show, wish, speed):
    show.reel.play(wish)
    assert show.reel.speed == speed


def test_at_the_end_it_stays_and_may_go_back(show):
    show.passes(0.0)
    assert not show.reel.has_ended
    for _ in range(3):
        show.passes(1000.0)
    assert show.reel.has_ended
    assert (show.reel.position, last(show)) == (show.reel.ends_at, word(SECONDS - 1))
    show.reel.seek(WALL + 3.0)
    assert show.reel.position == WALL + 3.0
    assert not show.reel.has_ended
    show.passes(0.1)
    assert last(show) == word(3)


@settings(max_examples=60)
@given(st.lists(st.floats(-10, SECONDS + 10), min_size=1, max_size=6))
def test_any_way_to_a_moment_shows_what_playing_to_it_shows(path, places):
    show = Show(path, speed=0.0)
    show.passes(0.0)
    for place in places:
        show.reel.seek(WALL + place)
        show.passes(0.1)
        reached = min(max(place, 0.0), SECONDS - 1)
        assert show.reel.position == WALL + reached
        assert show.audience.words() == expected(reached)
    show.recording.close()


def test_a_jump_forward_within_a_minute_folds_only_what_lies_between(show):
    show.passes(0.0)
    rewinds = show.audience.rewinds
    show.audience.frames.clear()
    show.reel.seek(WALL + 20)
    show.passes(0.1)
    assert len(show.audience.frames) == 20
    assert show.audience.rewinds == rewinds
    show.reel.seek(WALL + 95)
    show.passes(0.1)
    assert show.audience.rewinds == rewinds + 1
    assert len(show.audience.frames) == 20 + 5


def test_a_thread_that_cannot_keep_up_plays_late_and_skips_nothing(path):
    show = Show(path, speed=120.0)
    show.passes(0.0)
    clock, step = show.reel._clock, [0.0]

    def slow() -> float:
        show.now += step[0]
        return clock()

    show.reel._clock = slow
    step[0] = 0.15
    show.now += 0.5
    show.reel.gather()
    assert WALL < show.reel.position < WALL + 60
    assert show.reel.pause() == 0.0
    step[0] = 0.0
    show.passes(10.0)
    assert show.reel.pause() > 0.0
    words = [one.fact.text for one in show.audience.frames if _is_word(one)]
    assert words == [*map(word, range(1, SECONDS))]
    show.recording.close()


def _is_word(frame) -> bool:
    return isinstance(frame, Told) and type(frame.fact).__name__ == "Transcript"


def test_a_newer_wish_ends_an_older_jump(path):
    show = Show(path, speed=0.0)
    show.passes(0.0)
    given: list[int] = []
    give = show.reel.give

    def giving(stamped):
        given.append(len(stamped))
        if len(given) == 3:
            show.reel.seek(WALL + 1.0)
        give(stamped)

    show.reel.give = giving
    show.reel.seek(WALL + 29.0)
    show.passes(0.1)
    assert show.reel.position == WALL + 1.0
    assert len(given) < 10
    show.passes(0.1)
    assert show.audience.words() == expected(1)
    show.recording.close()


def test_a_damaged_block_is_stepped_over_and_told(path, tmp_path):
    content = bytearray(path.read_bytes())
    with Recording(path) as recording:
        # Just before the second cut.
        content[recording.cuts[1].offset - 4] ^= 0x10
    damaged = tmp_path / "a.tlrec"
    damaged.write_bytes(content)
    show = Show(damaged)
    show.passes(0.0)
    show.passes(1000.0)
    words = [one.fact.text for one in show.audience.frames if _is_word(one)]
    assert len(words) == SECONDS - 2
    assert word(30) not in words
    assert show.reel.damage is not None
    assert "check sum" in show.reel.damage.reason
    show.recording.close()


def test_a_line_that_another_process_brought_is_known_from_then_on(tmp_path):

    state, data = FleetState(), bytearray()
    for frame in life("a"):
        state.apply(frame)
    scribe = Scribe(data.extend, coding=Coding.ZSTD)
    scribe.begin(WALL)
    scribe.take(stamped(*life("z")), BREATH)
    scribe.tick(WALL + 1, BREATH)
    scribe.adopt(state.keyframe("a"), WALL + 5)
    scribe.take(stamped(said("a", 106.0, "new"), at=WALL + 6), BREATH)
    scribe.flush(WALL + 7)
    file = tmp_path / "a.tlrec"
    file.write_bytes(data)
    show = Show(file)
    show.passes(0.0)
    assert show.audience.words() == []
    show.passes(10.0)
    assert show.audience.words() == ["hello", "new"]
    show.recording.close()


def test_a_keyframe_that_is_damaged_costs_its_line_and_not_the_show(path, tmp_path):
    content = bytearray(path.read_bytes())
    with Recording(path) as recording:
        cut = recording.cuts[1]
        keyframe = recording.after(cut.offset)
        content[recording.after(keyframe) - 4] ^= 0x10
    damaged = tmp_path / "a.tlrec"
    damaged.write_bytes(content)
    show = Show(damaged)
    show.reel.seek(WALL + 40)
    show.passes(0.0)
    assert show.audience.words() == []
    assert show.reel.damage is not None
    assert show.reel.damage.offset == keyframe
    show.reel.seek(WALL + 70)
    show.passes(0.0)
    assert show.audience.words() == expected(70)
    show.recording.close()


def test_a_disk_that_fails_ends_the_show(path, monkeypatch):
    show = Show(path)
    show.passes(0.0)
    show.recording.close()
    show.passes(20.0)
    assert show.reel.damage is not None
    assert "Bad file descriptor" in show.reel.damage.reason


def test_a_recording_of_an_older_version_is_folded_from_its_beginning(tmp_path):
    old = tmp_path / "old.tlrec"
    write_old_words(old, SECONDS)
    show = Show(old)
    show.passes(0.0)
    for second in (95, 40, 70):
        show.reel.seek(WALL + second)
        show.passes(0.0)
        assert show.audience.words()[-1] == word(second)
    late = show.audience.state.fold.line("a", WALL + 71).lateness
    assert late.count > 0
    assert late.max_ms == pytest.approx(113.9, rel=0.04)
    assert show.reel.damage.is_whole
    assert "an older version of trunkline" in show.reel.damage.reason
    assert show.audience in show.reel._parts


def test_another_moment_that_is_wanted_before_the_first_was_reached_is_shown_as_it_was(show):
    show.passes(0.0)
    read = show.recording.packet

    def wanted_meanwhile(offset):
        packet = read(offset)
        if packet is not None and packet.kind == Kind.BLOCK and packet.at > WALL + 50:
            show.recording.packet = read
            show.reel.seek(WALL + 5)
        return packet

    show.recording.packet = wanted_meanwhile
    show.reel.seek(WALL + 80)
    show.passes(0.0)
    show.passes(0.0)
    assert (show.reel.position, last(show)) == (WALL + 5, word(5))
