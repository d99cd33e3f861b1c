"""What is drawn where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from telemetry.storytelling import SLOW_SECONDS, story
from trunkline.telemetry.charts import WIDTH, fleet_timeline, line_timeline, round_trips
from trunkline.telemetry.picture import TONES, Bars, Box, Curve, Sign, Words
from trunkline.telemetry.snapshot import Outage
from trunkline.telemetry.thresholds import overridden
from trunkline.text import Clean


def shapes(picture, kind, tone=None):
    return [one for one in picture.shapes if isinstance(one, kind) and tone in (None, one.tone)]


def at(share):
    """Where a share of the recording is, from the left."""
    return 96 + share * (WIDTH - 96 - 12)


def line(**changes):
    return replace(story()[0], **changes)


def outage(begins_at, seconds):
    return Outage(
        at=begins_at,
        epoch=1,
        code=1006,
        reason=Clean(""),
        cause=Clean("reset"),
        advice=Clean(""),
        seconds=seconds,
    )


def test_the_state_is_a_band_from_end_to_end_with_the_outage_in_it():
    picture = line_timeline(line(outages=()))
    live, broken = shapes(picture, Box, "ok"), shapes(picture, Box, "bad")
    assert [(box.x, pytest.approx(box.width, abs=0.1)) for box in live] == [
        (at(0), at(0.5) - at(0)),
        (pytest.approx(at(310 / 600)), at(1) - at(310 / 600)),
    ]
    assert [box.title for box in broken] == ["reconnecting"]


def test_an_outage_shorter_than_its_cells_is_drawn_as_long_as_it_was():
    known = line()
    picture = line_timeline(replace(known, outages=(outage(known.begins_at + 302, 3.0),)))
    (box,) = shapes(picture, Box, "bad")
    assert (box.x, box.width) == (
        pytest.approx(at(302 / 600)),
        pytest.approx(at(305 / 600) - at(302 / 600)),
    )
    assert box.title == "outage 3.00 s: 1006 reset"


def test_an_outage_that_never_ended_lasts_to_the_end():
    known = line()
    (box,) = shapes(
        line_timeline(replace(known, states=(), outages=(outage(known.ends_at - 60, None),))),
        Box,
        "bad",
    )
    assert box.x + box.width == pytest.approx(at(1))
    assert "unfinished" in box.title


def test_a_moment_is_never_too_narrow_to_be_seen():
    known = line()
    (box,) = shapes(
        line_timeline(replace(known, outages=(outage(known.begins_at + 302, 0.001),))), Box, "bad"
    )
    assert box.width >= 1.5


def test_speech_is_as_high_as_its_share_of_the_cell():
    picture = line_timeline(line())
    for tone, share in (("user", 0.6), ("model", 0.8)):
        (bars,) = shapes(picture, Bars, tone)
        assert [height for _, _, height in bars.bars] == [pytest.approx(share * 14)] * 30
        assert bars.bars[0][0] == pytest.approx(at(0) if tone == "user" else at(10 / 600))


def test_a_line_on_which_nobody_spoke_has_no_bars():
    assert shapes(line_timeline(line(cells=())), Bars) == []


def test_alerts_are_drawn_where_they_were_raised_and_not_where_they_cleared():
    signs = [sign for sign in shapes(line_timeline(line()), Sign) if sign.kind == "cross"]
    assert [(sign.tone, sign.x) for sign in signs] == [("bad", pytest.approx(at(205 / 600)))]
    assert signs[0].title == "RTT 480 ms > 400 ms (3 of 5)"


def test_underruns_and_marks_have_a_sign_and_marks_a_number():
    picture = line_timeline(line())
    assert [sign.kind for sign in shapes(picture, Sign) if sign.tone in ("warning", "accent")] == [
        "dot",
        "flag",
    ]
    assert "m1" in {words.text for words in shapes(picture, Words)}


def test_the_axis_names_round_times_and_all_of_them_are_inside():
    for seconds in (1, 5, 90, 600, 3600, 86_400, 40 * 86_400):
        known = line()
        picture = line_timeline(replace(known, ends_at=known.begins_at + seconds))
        ticks = [words for words in shapes(picture, Words) if words.anchor == "middle"]
        assert len(ticks) <= 12
        assert all(at(0) <= words.x <= at(1) for words in ticks)
    assert [
        words.text for words in shapes(line_timeline(line()), Words) if words.anchor == "middle"
    ][:2] == [
        "22:14",
        "22:16",
    ]


def test_the_red_line_is_where_a_configuration_has_it():
    red = [
        shapes(round_trips(line(), **given), Curve, "bad")[0].points[0][1]
        for given in ({}, {"thresholds": overridden({"rtt_ms": {"warning": 100, "bad": 200}})})
    ]
    assert red[1] > red[0]


def test_the_slow_minute_rises_over_the_red_line():
    picture = round_trips(line())
    (red,) = shapes(picture, Curve, "bad")
    limit = red.points[0][1]
    (curve,) = shapes(picture, Curve, "accent")
    over = [x for x, y in curve.points if y < limit]
    assert (
        at(SLOW_SECONDS.start / 600) - 2
        <= min(over)
        <= max(over)
        <= at(SLOW_SECONDS.stop / 600) + 2
    )


def test_a_time_without_pings_breaks_the_curve():
    known = line()
    cut = tuple(
        (second, value) for second, value in known.rtt if not 100 < second - known.begins_at < 200
    )
    assert len(shapes(round_trips(replace(known, rtt=cut)), Curve, "accent")) == 2


def test_a_single_ping_is_a_dot_and_none_is_said_in_words():
    known = line()
    lone = round_trips(replace(known, rtt=known.rtt[:1], kernel_rtt=()))
    assert len(shapes(lone, Box, "accent")) == 1
    none = round_trips(replace(known, rtt=(), kernel_rtt=()))
    assert "no ping was answered" in {words.text for words in shapes(none, Words)}


def test_hours_are_thinned_to_what_can_be_seen_and_keep_their_worst():
    known = line()
    begins = int(known.begins_at)
    series = tuple((begins + second, 900.0 if second == 7777 else 30.0) for second in range(36_000))
    picture = round_trips(replace(known, rtt=series, ends_at=begins + 36_000.0, kernel_rtt=()))
    (curve,) = shapes(picture, Curve, "accent")
    assert len(curve.points) <= 601
    top = min(y for _, y in curve.points)
    assert top == pytest.approx(10 + (148 - 10) * 0.1)


def test_all_lines_have_a_row_of_their_own_on_one_axis():
    picture = fleet_timeline(story("a", "b", "c"))
    names = [words.text for words in shapes(picture, Words) if words.anchor == "right"]
    assert names == ["name of a", "name of b", "name of c"]
    assert len({box.y for box in shapes(picture, Box, "ok")}) == 3


def test_no_lines_are_drawn_as_nothing_and_break_nothing():
    assert fleet_timeline(()).height > 0


def test_every_shape_lies_inside_its_picture_and_has_a_known_tone():
    for picture in (line_timeline(line()), round_trips(line()), fleet_timeline(story("a", "b"))):
        for shape in picture.shapes:
            assert shape.tone in TONES
            if isinstance(shape, Box):
                assert -0.1 <= shape.x <= shape.x + shape.width <= WIDTH + 2
                assert shape.y + shape.height <= picture.height
