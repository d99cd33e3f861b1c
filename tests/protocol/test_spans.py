from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.spans import AxisMap, SpanSet

places = st.integers(0, 60)
ranges = st.tuples(places, places)


@given(st.lists(st.tuples(st.sampled_from(["add", "add", "drop"]), ranges), max_size=30), ranges)
def test_a_span_set_is_a_set_of_positions(
    steps: list[tuple[str, tuple[int, int]]], asked: tuple[int, int]
):
    spans, model = SpanSet(), set()
    for what, (start, end) in steps:
        if what == "drop":
            spans.drop_before(start)
            model = {place for place in model if place >= start}
            continue
        new = set(range(start, end)) - model
        assert spans.add(start, end) == len(new)
        model |= new
    listed = list(spans)
    assert {place for low, high in listed for place in range(low, high)} == model
    assert all(low < high for low, high in listed)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(listed))
    start, end = asked
    inside = set(range(start, end))
    assert flat(spans.missing(start, end)) == sorted(inside - model)
    assert flat(spans.within(start, end)) == sorted(inside & model)
    for place in range(62):
        beyond = next((at for at in range(place, 70) if at not in model), None)
        assert spans.end_of(place) == (beyond if place in model else None)
        starts = [low for low, _ in listed if low > place]
        assert spans.next_start(place) == (starts[0] if starts else None)


def flat(parts: list[tuple[int, int]]) -> list[int]:
    return [place for low, high in parts for place in range(low, high)]


@given(st.lists(st.tuples(places, st.integers(-1, 9)), max_size=12), st.integers(-5, 200))
def test_an_axis_map_is_a_list_of_positions(pieces: list[tuple[int, int]], asked: int):
    axis, model, target = AxisMap(), [], 0
    for skip, samples in pieces:
        target += skip
        axis.extend(target, samples)
        model += range(target, target + samples)
        target += max(0, samples)
    if not model:
        assert axis.locate(asked) is None
        return
    place = min(max(asked, 0), len(model))
    start = model[place] if place < len(model) else model[-1] + 1
    end = model[place - 1] + 1 if place else model[0]
    assert axis.locate(asked) == start
    assert axis.locate(asked, as_end=True) == end
