"""What a line looks at now and then."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from trunkline.client.clocks import Clocks
from trunkline.client.looks import Looks
from trunkline.transports.base import Arrivals, Progress


class Kernel:
    """Keeps what it is told of."""

    def __init__(self) -> None:
        self.told: list[tuple] = []
        self.doubtful: set[int] = set()

    def acknowledged(self, *told) -> bool:
        self.told.append(told)
        return True

    def is_doubtful(self, epoch, now) -> bool:
        return epoch in self.doubtful

    def waits(self, epoch, now, *, received_bytes, unread_bytes) -> None:
        self.told.append((epoch, now, received_bytes, unread_bytes))

    def progress(self, epoch, now, *, acked_bytes, unsent_bytes) -> None:
        self.told.append((epoch, now, acked_bytes, unsent_bytes))


def link(acked: int | None = 7, *, writable: bool = True) -> SimpleNamespace:
    progress = Progress(acked_bytes=acked, unsent_bytes=3)
    return SimpleNamespace(
        writable=writable,
        acked_bytes=lambda: acked,
        progress=lambda: progress,
        arrivals=lambda: Arrivals(received_bytes=9, unread_bytes=4),
    )


class Desk:
    """Looks at links that are none."""

    def __init__(self, **links) -> None:
        self.slept, self.resumed, self.gauged = 0.0, [], []
        self.kernel = Kernel()
        self.ping_at: float | None = None
        connection = SimpleNamespace(
            epoch=1,
            kernel=self.kernel,
            resumed=lambda *told: self.resumed.append(told),
            fast_path=SimpleNamespace(heartbeat=SimpleNamespace(ping_at=lambda: self.ping_at)),
        )
        gauges = SimpleNamespace(sample=lambda *told: self.gauged.append(told))
        numbered = {int(name[1:]): one for name, one in links.items()}
        clocks = Clocks(slept=lambda: self.slept)
        self.looks = Looks(connection, numbered, gauges, clocks, draw=lambda: 0.5, moment=10.25)


def test_once_a_second_the_look_is_long_and_one_that_was_missed_is_not_made_up_for():
    looks = Desk().looks
    assert [looks.is_long(now) for now in (10.0, 10.2495, 10.5, 10.75, 11.0)] == [
        False,
        True,
        False,
        False,
        False,
    ]
    assert looks.is_long(11.25)
    assert looks.is_long(14.5)
    assert not looks.is_long(15.0)
    assert looks.is_long(15.25)


@pytest.mark.parametrize(
    ("ping_at", "is_its"),
    [(None, False), (10.2, False), (10.2495, True), (10.25, True), (11.0, True), (15.0, True)],
)
def test_a_ping_that_is_due_at_the_next_long_look_or_later_needs_no_timer(ping_at, is_its):
    desk = Desk()
    desk.ping_at = ping_at
    assert desk.looks.comes_to_ping() is is_its


@pytest.mark.parametrize(
    ("due", "timer"),
    [(None, None), (9.0, 9.0), (10.2499, 10.2499), (10.25, None), (11.0, None), (15.0, None)],
)
def test_a_deadline_that_is_not_before_the_next_long_look_needs_no_timer(due, timer):
    assert Desk().looks.timer_at(due) == timer


def test_a_machine_that_slept_for_more_than_a_clock_is_set_by_is_told_once():
    desk = Desk()
    assert not desk.looks.has_slept(1.0)
    desk.slept += 1.9
    assert not desk.looks.has_slept(2.0)
    desk.slept += 30.0
    assert desk.looks.has_slept(3.0)
    assert not desk.looks.has_slept(4.0)
    assert desk.resumed == [(30.0, 3.0)]


def test_of_a_calm_line_only_the_acknowledgements_are_told():
    desk = Desk(e1=link())
    assert desk.looks.is_calm(5.0)
    assert desk.kernel.told == [(1, 7, 5.0)]


@pytest.mark.parametrize(
    "links",
    [
        {},
        {"e2": link()},
        {"e1": link(), "e2": link()},
        {"e1": link(writable=False)},
        {"e1": link(None)},
    ],
)
def test_a_line_without_a_link_that_takes_and_tells_or_with_two_is_not_calm(links):
    desk = Desk(**links)
    assert not desk.looks.is_calm(5.0)
    assert desk.kernel.told == []


def test_a_sample_tells_of_each_link_and_gauges_the_current_one():
    desk = Desk(e1=link(), e2=link(None))
    desk.looks.sample(5.0)
    assert desk.kernel.told == [(1, 5.0, 7, 3), (2, 5.0, None, 3)]
    assert desk.gauged == [(1, None, 5.0)]


def test_what_the_kernel_measured_is_told_behind_what_was_noted_so_that_a_second_is_one_flow():
    desk = Desk(e1=link())
    desk.looks._gauges = SimpleNamespace(sample=lambda *told: desk.kernel.told.append("gauged"))
    desk.looks.sample(5.0)
    assert desk.kernel.told == [(1, 5.0, 7, 3), "gauged"]


def test_only_of_a_link_in_doubt_is_asked_what_was_not_read():
    desk = Desk(_1=link(), _2=link())
    desk.looks.doubt(5.0)
    assert desk.kernel.told == []
    desk.kernel.doubtful.add(2)
    desk.looks.doubt(6.0)
    assert desk.kernel.told == [(2, 6.0, 9, 4)]
