from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.soak.spans import Cover, length, without

RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


def samples(spans) -> set[int]:
    return {one for start, end in spans for one in range(start, end)}


@given(RANGES, st.tuples(st.integers(0, 60), st.integers(0, 60)))
def test_a_cover_is_the_set_of_its_samples(ranges, asked):
    cover = Cover(ranges)
    known = samples(ranges)
    assert samples(cover) == known
    assert length(cover) == len(known)
    assert cover.end == max(known, default=-1) + 1
    wanted = samples([asked])
    assert samples(cover.missing(*asked)) == wanted - known
    assert cover.overlap(*asked) == len(wanted & known)
    assert samples(without([asked], cover)) == wanted - known
