from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator.buffer import InputBuffer, ms_of


def filled(samples: int) -> InputBuffer:
    buffer = InputBuffer()
    buffer.append(b"".join(index.to_bytes(2, "little") for index in range(samples)))
    return buffer


def numbers(pcm: bytes) -> list[int]:
    return [int.from_bytes(pcm[at : at + 2], "little") for at in range(0, len(pcm), 2)]


def test_taking_gives_the_samples_asked_for_and_drops_what_lies_before():
    buffer = filled(100)
    assert numbers(buffer.take(20, 30)) == list(range(20, 30))
    assert (buffer.start, buffer.position) == (30, 100)
    assert numbers(buffer.take(0, 40)) == list(range(30, 40))


def test_clearing_does_not_stop_the_clock():
    buffer = filled(100)
    buffer.clear()
    buffer.append(bytes(20))
    assert (buffer.start, buffer.position) == (100, 110)


def test_milliseconds_are_whole():
    assert [ms_of(samples) for samples in (0, 23, 24, 47)] == [0, 0, 1, 1]


@given(st.lists(st.one_of(st.integers(0, 50), st.tuples(st.integers(0, 300), st.integers(0, 300)))))
def test_every_sample_is_given_out_at_most_once_and_in_its_place(steps):
    buffer, appended, taken = InputBuffer(), 0, -1
    for step in steps:
        if isinstance(step, int):
            more = range(appended, appended + step)
            buffer.append(b"".join(index.to_bytes(2, "little") for index in more))
            appended += step
        else:
            for sample in numbers(buffer.take(min(step), max(step))):
                assert sample > taken
                taken = sample
        assert buffer.start <= buffer.position == appended
