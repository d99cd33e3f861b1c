from __future__ import annotations

from random import Random

from trunkline.protocol.closure import Fault
from trunkline.soak.agenda import Agenda
from trunkline.soak.link import Link
from trunkline.soak.pipe import Weather


class Ends:
    """Both ends, and what each was told."""

    def __init__(self, **weather) -> None:
        self.agenda, self.near, self.far = Agenda(), [], []
        weather = {"delay": 0.1, "jitter": 0.0} | weather
        self.link = Link(self.agenda, Random(1), Weather(**weather), epoch=3, near=Near(self.near))
        self.link.far = Far(self.far)


class Near:
    def __init__(self, log: list) -> None:
        self.take = lambda epoch, message: log.append(message)
        self.take_pong = lambda epoch, payload: log.append(("pong", payload))
        self.take_end = lambda epoch, closure: log.append(closure)
        self.take_room = lambda epoch: log.append("room")


class Far:
    def __init__(self, log: list) -> None:
        self.take = log.append
        self.take_ping = lambda payload: log.append(("ping", payload))
        self.take_close = lambda code: log.append(("close", code))
        self.gone = lambda: log.append("gone")


def test_messages_pings_and_goodbyes_arrive():
    ends = Ends()
    ends.link.write(b"hello")
    ends.link.ping(b"1")
    ends.link.close(1000)
    ends.link.say(b"hi")
    ends.link.pong(b"1")
    ends.agenda.run_until(1.0)
    assert ends.far == [b"hello", ("ping", b"1"), ("close", 1000)]
    assert ends.near == [b"hi", ("pong", b"1")]
    assert ends.link.progress() == (ends.link.up.sent_bytes, 0)


def test_a_full_one_says_so_and_when_it_has_room():
    ends = Ends(rate=100_000.0)
    while ends.link.writable:
        ends.link.write(bytes(10_000))
    assert ends.link.progress()[1] > 32 * 1024
    ends.agenda.run_until(5.0)
    assert "room" in ends.near
    assert ends.link.writable


def test_a_reset_loses_what_is_on_its_way_and_tells_both():
    ends = Ends()
    ends.link.write(b"lost")
    ends.link.say(b"lost")
    ends.link.reset()
    ends.agenda.run_until(1.0)
    assert ends.far == ["gone"]
    assert [one.fault for one in ends.near] == [Fault.RESET]
    assert not ends.link.is_open


def test_an_aborted_one_tells_the_client_nothing_more():
    ends = Ends()
    ends.link.say(b"late")
    ends.link.abort()
    ends.link.abort()
    ends.agenda.run_until(1.0)
    assert (ends.near, ends.far) == ([], ["gone"])


def test_one_that_broke_off_still_delivers_what_the_server_says():
    ends = Ends()
    ends.link.break_off()
    ends.link.say(b"late")
    ends.agenda.run_until(1.0)
    assert ends.near[-1] == b"late"
    ends.agenda.run_until(9.0)
    assert ends.far == ["gone"]


def test_nothing_is_known_of_progress_while_nothing_comes_back():
    ends = Ends()
    ends.link.write(b"a")
    ends.agenda.run_until(1.0)
    before = ends.link.progress()
    ends.link.down.hold()
    ends.link.write(b"b")
    ends.agenda.run_until(2.0)
    assert ends.link.progress()[0] == before[0]
    ends.link.later(0.5, "heal")
    ends.agenda.run_until(4.0)
    assert ends.link.progress()[0] > before[0]


def test_the_ways_to_end_have_their_closures():
    for end, code, fault in (("finish", 1006, Fault.END), ("crash_loop_end", 1011, None)):
        ends = Ends()
        getattr(ends.link, end)()
        ends.agenda.run_until(1.0)
        assert [(one.code, one.fault) for one in ends.near] == [(code, fault)]
    ends.link.up.weather.rate = 1.0
    ends.link.speed_up()
    assert ends.link.up.weather.rate == Weather().rate
