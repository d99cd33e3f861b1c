from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from telemetry.recorded import START, recorded
from trunkline.telemetry.entries import Entries
from trunkline.telemetry.frames import Began
from trunkline.telemetry.inspector import Inspector
from trunkline.telemetry.levels import Level
from trunkline.tui.inspector.ladder import ladder
from trunkline.tui.inspector.runs import continues
from trunkline.tui.inspector.stream import Stream
from tui.inspector.streams import audio, entry, grown, histories

FILTERS = [
    None,
    lambda one: one.level is Level.BAD,
    lambda one: one.audio_ms is None,
    lambda one: one.count > 1,
]


def fresh(entries, wanted, *, collapsed):
    """What a stream shows that sees these entries for the first time."""
    stream = Stream()
    stream.collapse(collapsed=collapsed)
    stream.choose(wanted)
    stream.feed(tuple(entries))
    return stream.rows


@given(histories(), st.sampled_from(FILTERS), st.booleans())
def test_rows_that_grow_are_the_rows_made_anew(moments, wanted, collapsed):
    stream = Stream()
    stream.collapse(collapsed=collapsed)
    stream.choose(wanted)
    for entries in moments:
        stream.feed(entries)
        assert stream.rows == fresh(entries, wanted, collapsed=collapsed)
        assert list(stream.entries) == list(entries)


@given(histories())
def test_adjacent_audio_of_one_answer_is_one_row_and_nothing_is_lost(moments):
    stream = Stream()
    for entries in moments:
        stream.feed(entries)
        rows = stream.rows
        assert not any(continues(b, a) for a, b in itertools.pairwise(rows))
        assert sum(row.count for row in rows) == sum(one.count for one in entries)


@given(histories(), histories())
def test_another_line_s_entries_take_the_place_of_all(first, second):
    stream = Stream()
    for entries in (*first, *second):
        stream.feed(entries)
    assert stream.rows == fresh(second[-1], None, collapsed=True)


def test_it_tells_whether_there_is_anything_new():
    stream, entries = Stream(), (entry(1), audio(2))
    assert stream.feed(entries)
    assert not stream.feed(entries)
    assert not stream.feed(tuple(entries))
    assert stream.feed((entries[0], grown(entries[1])))
    assert stream.feed((grown(entries[1]),))
    assert stream.feed(())
    assert not stream.feed([])


def test_each_entry_is_a_row_if_wanted():
    stream = Stream()
    stream.feed((audio(1), audio(2)))
    assert [row.count for row in stream.rows] == [2]
    stream.collapse(collapsed=False)
    assert [row.number for row in stream.rows] == [1, 2]


def test_a_row_is_found_by_any_number_in_it():
    stream = Stream()
    stream.feed((entry(3), audio(5), audio(6), entry(9)))
    assert [stream.index_of(number) for number in (1, 3, 4, 5, 6, 8, 9, 99)] == [
        -1,
        0,
        0,
        1,
        1,
        1,
        2,
        2,
    ]


def test_an_entry_is_found_among_all():
    stream = Stream()
    stream.feed((entry(3), audio(5), audio(6), entry(9)))
    assert [stream.place_of(number) for number in (3, 5, 6, 7, 9, 10)] == [0, 1, 2, 3, 3, 4]


def test_it_knows_which_entries_are_in_a_row():
    stream = Stream()
    stream.feed((entry(3, "done"), audio(5), audio(6), entry(9)))
    assert [stream.shows(number) for number in (2, 3, 5, 6, 9, 10)] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]
    stream.choose(lambda one: one.audio_ms is None)
    assert [stream.shows(number) for number in (3, 5, 6, 9)] == [True, False, False, True]


def test_few_new_entries_among_many_make_few_rows(monkeypatch):
    from trunkline.tui.inspector import stream as module

    stream = Stream()
    ring = tuple(entry(n) for n in range(1, 10_001))
    stream.feed(ring)
    folded = []
    runs = module._runs
    monkeypatch.setattr(
        module, "_runs", lambda entries: folded.append(len(entries)) or runs(entries)
    )
    stream.feed((*ring[20:], *(entry(n) for n in range(10_001, 10_021))))
    assert sum(folded) <= 30
    assert len(stream.rows) == 10_000


def test_what_a_line_s_own_inspector_tells_grows_as_it_would_at_once():
    kept, stream, moments = Entries(), Stream(), []
    watching = Inspector(
        Began(line="x", at=START, wall_offset=0.0, name="x"), lambda frame: kept.put(frame.entry)
    )
    for fact in recorded():
        watching.observe(fact)
        if not moments or fact.at - moments[-1] > 0.1:
            moments.append(fact.at)
            stream.feed(kept.view())
    stream.feed(kept.view())
    assert len(moments) > 100
    assert stream.rows == fresh(kept.view(), None, collapsed=True)
    assert ladder(kept.view(), 2)
