from __future__ import annotations

from dataclasses import replace
from itertools import chain

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.recorded import END, RATE_HZ, START, recorded
from telemetry.strategies import any_frame
from trunkline.errors import StreamError
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure, judge
from trunkline.protocol.lifecycle import State
from trunkline.telemetry import beat
from trunkline.telemetry.depth import FULL, LEAN, LEAN_FROM
from trunkline.telemetry.digester import Digester
from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.fleet import KEPT_ALERTS, KEPT_ENDED_SECONDS, FleetFold
from trunkline.telemetry.frames import Beat, Began, Ended, Heard, Inspected, Marked, Pcm, Told
from trunkline.telemetry.histogram import Histogram, bucket_of
from trunkline.telemetry.levels import Level
from trunkline.telemetry.line_view import spread_of
from trunkline.telemetry.thresholds import overridden
from trunkline.telemetry.views import Mark
from trunkline.telemetry.wireform import decode, encode
from trunkline.text import Clean

UNIX = 1_800_000_000.0


def _began(key, *, at=100.0, offset=UNIX - 100.0, process="p"):
    return Began(line=key, at=at, wall_offset=offset, name=key, process=process)


def _live(key, at=100.0):
    fact = seen.Transition(at=at, epoch=1, source=State.RESTORING, target=State.LIVE, cause="c")
    return Told(line=key, fact=fact)


def _ping(key, at, rtt):
    return Told(line=key, fact=seen.RoundTrip(at=at, epoch=1, rtt=rtt))


def _beat(key, at, sums=None, **more):
    return Beat(line=key, at=at, epoch=1, sums=sums or {}, **more)


def _fleet(*frames):
    fleet = FleetFold()
    for frame in frames:
        fleet.apply(frame)
    return fleet


def _entry(number):
    return Entry(number=number, at=0.0, until=0.0, way=Way.UP, type=Clean("x"))


def test_lines_are_shown_in_the_order_in_which_they_came():
    fleet = _fleet(_began("b"), _began("a"), _live("a"))
    snapshot = fleet.snapshot(UNIX + 1)
    assert [row.key for row in snapshot.rows] == ["b", "a"]
    assert dict(snapshot.states) == {
        "live": 1, "connecting": 1, "reconnecting": 0, "failed": 0, "closed": 0, "gone": 0,
    }  # fmt: skip


def test_a_frame_of_a_line_that_was_never_introduced_is_passed_over():
    fleet = _fleet(_live("a"), _beat("a", 100.5), Inspected(line="a", entry=_entry(1)))
    assert fleet.snapshot(UNIX).rows == ()
    assert fleet.line("a", UNIX) is None
    assert fleet.entries("a") == ()


def test_spreads_of_a_fleet_are_those_of_all_values_and_no_mean_of_percentiles():
    values = {"a": [0.01, 0.02, 0.9], "b": [0.03] * 7, "c": [0.5]}
    fleet = _fleet(*(_began(key) for key in values))
    for key, rtts in values.items():
        for n, rtt in enumerate(rtts):
            fleet.apply(_ping(key, 100.0 + n, rtt))
    snapshot = fleet.snapshot(UNIX + 10)
    assert snapshot.rtt == spread_of(Histogram(chain(*values.values())))


def test_lines_of_processes_with_clocks_of_their_own_share_one_axis():
    fleet = _fleet(_began("a"), _began("b", at=9000.0, offset=UNIX - 9000.0))
    for n in range(1, 13):
        fleet.apply(
            _beat("a", 100.0 + n / 2, {beat.UP_BYTES: 50, beat.DOWN_BYTES: 5, beat.UP_MESSAGES: 2})
        )
        fleet.apply(_beat("b", 9000.0 + n / 2, {beat.UP_BYTES: 500, beat.DOWN_MESSAGES: 1}))
    snapshot = fleet.snapshot(UNIX + 7)
    assert snapshot.up_bytes_per_s == 1100
    assert snapshot.down_bytes_per_s == 10
    assert snapshot.events_per_s == 6
    assert snapshot.up_series[-6:] == (1100.0,) * 6
    assert snapshot.up_series[-7] is None


def test_time_in_state_is_shared_out_by_the_second():
    fleet = _fleet(_began("a"), _live("a"), _began("b"))
    for second in range(60):
        fleet.snapshot(UNIX + second)
    snapshot = fleet.snapshot(UNIX + 60)
    assert dict(snapshot.state_shares) == {"live": 0.5, "connecting": 0.5}
    assert snapshot.availability == 0.5


def test_what_has_no_event_of_its_own_is_counted_once_a_second():
    fleet = _fleet(_began("a"), _ping("a", 100.0, 0.1), _ping("a", 100.5, 0.26))
    fleet.apply(_beat("a", 101.0, gauges={beat.KERNEL_RTT: 0.05}))
    for quarter in range(40):
        fleet.snapshot(UNIX + 3 + quarter / 4)
    snapshot = fleet.snapshot(UNIX + 13)
    assert snapshot.jitter.count == snapshot.kernel_rtt.count == pytest.approx(11, abs=1)
    assert snapshot.jitter.p50_ms == pytest.approx(10, rel=0.04)
    assert snapshot.kernel_rtt.p99_ms == pytest.approx(50, rel=0.04)


def test_lateness_and_lag_of_beats_are_merged():
    spreads = {
        beat.LATENESS: (bucket_of(0.02),) * 3,
        beat.LOOP_LAG: (bucket_of(0.001),),
        beat.DELTA_GAP: (1,),
    }
    fleet = _fleet(_began("a"), _began("b"), *(_beat(key, 100.5, spreads=spreads) for key in "ab"))
    snapshot = fleet.snapshot(UNIX + 1)
    assert (snapshot.lateness.count, snapshot.loop_lag.count) == (6, 2)


def test_errors_are_counted_by_code_over_the_window():
    def error(at, code):
        return Told(
            line="a", fact=seen.ServerError(at=at, epoch=1, code=code, type="t", message="")
        )

    failed = seen.ResponseFailed(at=500.0, epoch=1, response_id="r", code="rate", message="")
    fleet = _fleet(_began("a"), error(100.0, "old"), error(500.0, "rate"), error(500.0, ""),
                   Told(line="a", fact=failed))  # fmt: skip
    assert fleet.snapshot(UNIX + 401).errors == (("rate", 2), ("t", 1))


def test_a_line_that_ended_stays_for_ten_minutes():
    fleet = _fleet(_began("a"), _began("b"), Inspected(line="a", entry=_entry(1)))
    fleet.apply(Ended(line="a", at=101.0, gone=True))
    snapshot = fleet.snapshot(UNIX + KEPT_ENDED_SECONDS)
    assert [row.state for row in snapshot.rows] == ["gone", "idle"]
    assert snapshot.processes == 1
    assert len(fleet.snapshot(UNIX + KEPT_ENDED_SECONDS + 2).rows) == 1
    assert fleet.entries("a") == ()


def test_a_row_that_did_not_change_is_the_same_object():
    fleet = _fleet(_began("a"), _began("b"), Ended(line="b", at=100.5))
    first, second = fleet.snapshot(UNIX + 2.1), fleet.snapshot(UNIX + 2.6)
    assert first.rows[0] is second.rows[0]
    later = fleet.snapshot(UNIX + 9)
    assert first.rows[0] is not later.rows[0]
    assert later.rows[0].age_s == 9
    assert fleet.snapshot(UNIX + 30).rows[1] is fleet.snapshot(UNIX + 40).rows[1]


def test_grades_and_attention_are_counted():
    frames = [_began("good"), _live("good"), *(_ping("good", 100.0 + n, 0.02) for n in range(4))]
    bad = [_began("bad"), _live("bad"), *(_ping("bad", 100.0 + n, 2.0) for n in range(4))]
    snapshot = _fleet(*frames, *bad, _began("new")).snapshot(UNIX + 5)
    assert dict(snapshot.grades) == {
        "excellent": 1, "good": 0, "fair": 0, "poor": 1, "lost": 0, "unknown": 1,
    }  # fmt: skip
    assert snapshot.attention == 1


def test_a_window_is_one_of_five():
    fleet = _fleet(_began("a"), _ping("a", 100.0, 0.1), _ping("a", 180.0, 0.2))
    fleet.window(30)
    assert fleet.snapshot(UNIX + 81).rtt.count == 1
    fleet.window(300)
    assert fleet.snapshot(UNIX + 81).rtt.count == 2
    with pytest.raises(ValueError, match="one of"):
        fleet.window(31)


def test_one_line_is_shown_by_its_own_clock():
    fleet = _fleet(_began("a"), _live("a"))
    snapshot = fleet.line("a", UNIX + 5)
    assert (snapshot.at, snapshot.key, snapshot.wall_offset) == (105.0, "a", UNIX - 100.0)
    assert snapshot.age_s == 5.0


def test_a_watched_line_keeps_all_its_entries_and_the_others_few():
    fleet = _fleet(_began("a"), _began("b"))
    fleet.watch("a")
    for key in "ab":
        for n in range(2000):
            fleet.apply(Inspected(line=key, entry=_entry(n + 1)))
    assert len(fleet.entries("a")) == 2000
    assert len(fleet.entries("b")) == 500
    fleet.watch("b")
    assert len(fleet.entries("a")) == 500
    assert fleet.kept_entries["b"].limit == FULL.entries
    fleet.watch(None)
    assert len(fleet.entries("b")) == 500


def test_frames_alone_move_the_time_of_a_fleet():
    fleet = _fleet(_began("a"), _live("a"))
    for n in range(20):
        fleet.apply(_beat("a", 101.0 + n, {beat.UP_BYTES: 1}))
    assert fleet.currents.states.sums(UNIX + 20, 60)["live"] >= 17


def _outage(key, at):
    closure = Closure(code=1006)
    fact = seen.LinkEnded(at=at, epoch=1, closure=closure, verdict=judge(closure), lived=1.0)
    return Told(line=key, fact=fact)


def test_alerts_of_all_lines_are_one_list_newest_first():
    fleet = _fleet(
        _began("a"), _began("b"), _live("a"), _live("b"), _outage("a", 101.0), _outage("b", 102.5)
    )
    fleet.snapshot(UNIX + 4)
    fleet.apply(_live("b", 104.5))
    alerts = fleet.snapshot(UNIX + 6).alerts
    assert [(alert.line, alert.level) for alert in alerts] == [
        ("b", Level.OK), ("b", Level.BAD), ("a", Level.BAD),
    ]  # fmt: skip
    # One that lasts is one line, in its newest words.
    assert alerts[2].text == "outage 4.0 s, close 1006"
    assert alerts[2].at == UNIX + 1
    assert fleet.snapshot(UNIX + 6).attention == 1


def test_alerts_stand_among_the_messages_that_led_to_them():
    fleet = _fleet(
        _began("a"), _live("a"), Inspected(line="a", entry=_entry(1)), _outage("a", 101.0)
    )
    fleet.snapshot(UNIX + 5)
    fleet.apply(_live("a", 105.0))
    found = [(entry.number, entry.type, entry.level) for entry in fleet.entries("a")]
    assert found == [
        (1, "x", Level.OK),
        (2, "alert.outage", Level.BAD),
        (3, "alert.outage", Level.OK),
    ]
    assert fleet.entries("a")[1].at == 101.0


def test_alerts_stay_within_bounds():
    fleet = _fleet(_began("a"), _live("a"))
    for n in range(KEPT_ALERTS):
        fleet.apply(_outage("a", 101.0 + n))
        fleet.apply(_live("a", 101.5 + n))
    assert len(fleet.snapshot(UNIX + 400).alerts) == KEPT_ALERTS


def test_a_configuration_may_say_what_is_bad():
    fleet = _fleet(_began("a"))
    fleet.judge_by(overridden({"rtt_ms": {"warning": 1, "bad": 2}}))
    fleet.apply(_began("b"))
    for key in "ab":
        for n in range(6):
            fleet.apply(_ping(key, 100.0 + n, 0.02))
    texts = [
        (alert.line, alert.text)
        for alert in fleet.snapshot(UNIX + 6).alerts
        if alert.metric == "rtt"
    ]
    assert sorted(texts) == [(key, "RTT 20 ms > 2 ms (3 of 3)") for key in "ab"]


def test_of_many_lines_each_keeps_little_and_the_watched_one_all():
    fleet = _fleet(*(_began(f"l{n}") for n in range(LEAN_FROM)))
    assert fleet.lines["l0"].journal.limit == FULL.log
    fleet.apply(_began("more"))
    fleet.watch("l3")
    assert {key for key, fold in fleet.lines.items() if fold.journal.limit == FULL.log} == {"l3"}
    fleet.watch("l4")
    fold = fleet.lines["l3"]
    kept = (fold.journal.limit, fold.transcripts.limit, fold.turns.limit, fold.outages.limit)
    assert kept == (LEAN.log, LEAN.transcript, LEAN.turns, LEAN.outages)


def _recorded(*, until=END):
    """Frames of the recorded run, by two lines at once."""
    frames = []
    for key in ("a", "b"):
        began = Began(line=key, at=START, wall_offset=UNIX - START, name=key, rate_hz=RATE_HZ)
        digester = Digester(began, frames.append)
        for fact in recorded():
            if fact.at <= until:
                digester.observe(fact)
        digester.flush(until)
        frames.append(Inspected(line=key, entry=_entry(1)))
        frames.append(Marked(line=key, mark=Mark(at=until, number=1)))
    return frames


def test_a_keyframe_is_the_whole_fold():
    fleet = _fleet(*_recorded())
    fleet.snapshot(UNIX + END - START)
    again = FleetFold.load(fleet.dump())
    assert orjson.loads(again.dump()) == orjson.loads(fleet.dump())
    for seconds in (0.0, 3.0, 30.0):
        now = UNIX + END - START + seconds
        assert again.snapshot(now) == fleet.snapshot(now)
        assert again.line("a", now) == fleet.line("a", now)
    assert again.entries("a") == fleet.entries("a")


def test_a_fold_goes_on_from_a_keyframe_as_if_nothing_had_been():
    whole, begun = _recorded(), _recorded(until=START + 10.6)
    later = [frame for frame in whole if isinstance(frame, Told) and frame.fact.at > START + 10.6]
    there = _fleet(*begun)
    again = FleetFold.load(there.dump())
    for fleet in (there, again):
        for frame in later:
            fleet.apply(frame)
    now = UNIX + END - START
    assert again.line("a", now) == there.line("a", now)
    assert again.snapshot(now) == there.snapshot(now)


def test_a_keyframe_holds_the_newest_entries_only():
    fleet = _fleet(_began("a"), *(Inspected(line="a", entry=_entry(n + 1)) for n in range(400)))
    assert len(FleetFold.load(fleet.dump()).entries("a")) == 100


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"v":2}', b'{"v":1,"lines":1}'])
def test_what_is_no_keyframe_is_refused(document):
    with pytest.raises(StreamError):
        FleetFold.load(document)


def _paths(found, path=()):
    yield path
    inner = (
        found.items()
        if isinstance(found, dict)
        else enumerate(found)
        if isinstance(found, list)
        else ()
    )
    for key, value in inner:
        if len(path) < 6:
            yield from _paths(value, (*path, key))


DOCUMENT = orjson.loads(_fleet(*_recorded()).dump())
PATHS = sorted(filter(None, _paths(DOCUMENT)), key=str)
VALUES = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        7,
        2**63,
        -1e300,
        1e17,
        "",
        "live",
        [],
        {},
        [1],
        [[1, 2]],
        {"a": 1},
        {"a": {}},
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PATHS), VALUES)
def test_a_keyframe_that_was_tampered_with_is_refused_or_harmless(path, value):
    found = orjson.loads(orjson.dumps(DOCUMENT))
    place = found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    try:
        fleet = FleetFold.load(orjson.dumps(found))
    except StreamError:
        return
    now = UNIX + END - START
    for frame in _recorded(until=START + 5):
        fleet.apply(frame)
    fleet.snapshot(now + 5)
    for key in list(fleet.lines):
        fleet.line(key, now + 5)
    fleet.dump()


@settings(deadline=None)
@given(st.lists(any_frame(), max_size=30))
def test_no_frame_of_a_foreign_process_breaks_a_fleet(frames):
    fleet = _fleet(_began("a"))
    for frame in frames:
        again = decode(encode(frame))
        fleet.apply(again)
        fleet.apply(replace(again, line="a"))
    for key in list(fleet.lines):
        fleet.line(key, UNIX)
    fleet.snapshot(UNIX)
    fleet.snapshot(UNIX + 9)


def test_a_line_that_was_followed_elsewhere_takes_the_place_of_what_was_known():
    followed, fleet = FleetFold(), FleetFold()
    for one in (followed, fleet):
        one.apply(Began(line="a", at=0.0, wall_offset=1.79e9, name="old"))
    followed.apply(Began(line="a", at=0.0, wall_offset=1.79e9, name="new"))
    assert fleet.snapshot(1.79e9 + 1).rows[0].name == "old"
    fleet.put(followed.lines["a"])
    assert [row.name for row in fleet.snapshot(1.79e9 + 1).rows] == ["new"]
    fleet.forget("a")
    fleet.forget("a")
    assert fleet.snapshot(1.79e9 + 2).rows == ()


def test_audio_is_no_state():
    fleet = FleetFold()
    fleet.apply(Began(line="a", at=0.0, wall_offset=0.0, name="a"))
    before = fleet.dump()
    fleet.apply(
        Heard(
            line="a",
            at=1.0,
            begins_at=0.9,
            direction=seen.Direction.UP,
            rate_hz=8_000,
            pcm=Pcm(b"ab"),
        )
    )
    assert fleet.dump() == before


def test_lines_that_are_taken_apart_are_known_and_not_counted_together():
    frames = (
        _began("a"),
        _live("a"),
        _ping("a", 101.0, 0.1),
        _beat("a", 103.0, {beat.UP_BYTES: 9}),
    )
    together, apart = _fleet(*frames), FleetFold()
    apart.take_apart()
    for frame in frames:
        apart.apply(frame)
    assert apart.line("a", UNIX + 4) == together.line("a", UNIX + 4)
    assert apart.currents == FleetFold().currents != together.currents
