"""What a line looks at now and then."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from trunkline.client.clocks import Clocks
from trunkline.client.looks import Looks
from trunkline.transports.base import Progress


class Kernel:
    """Keeps what it is told of."""

    def __init__(self) -> None:
        self.told: list[tuple] = []

    def acknowledged(self, *told) -> bool:
        self.told.append(told)
        return True

    def progress(self, epoch, now, *, acked_bytes, unsent_bytes) -> None:
        self.told.append((epoch, now, acked_bytes, unsent_bytes))


def link(acked: int | None = 7, *, writable: bool = True) -> SimpleNamespace:
    progress = Progress(acked_bytes=acked, unsent_bytes=3)
    return SimpleNamespace(writable=writable, acked_bytes=lambda: acked, progress=lambda: progress)


class Desk:
    """Looks at links that are none."""

    def __init__(self, **links) -> None:
        self.slept, self.resumed, self.gauged = 0.0, [], []
        self.kernel = Kernel()
        connection = SimpleNamespace(
            epoch=1, kernel=self.kernel, resumed=lambda *told: self.resumed.append(told)
        )
        gauges = SimpleNamespace(sample=lambda *told: self.gauged.append(told))
        numbered = {int(name[1:]): one for name, one in links.items()}
        self.looks = Looks(connection, numbered, gauges, Clocks(slept=lambda: self.slept))


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
