from __future__ import annotations

from random import Random

from trunkline.soak.agenda import Agenda
from trunkline.soak.pipe import Pipe, Weather


def pipe(**weather) -> tuple[Agenda, Pipe, list]:
    agenda, out = Agenda(), []
    whole = Pipe(
        agenda, Random(1), Weather(**weather), lambda thing: out.append((thing, agenda.now))
    )
    return agenda, whole, out


def test_things_come_in_order_after_the_delay_however_they_jitter():
    agenda, whole, out = pipe(delay=0.1, jitter=0.5)
    for number in range(50):
        whole.send(number, 10)
    agenda.run_until(5.0)
    assert [thing for thing, _ in out] == list(range(50))
    assert out[0][1] >= 0.1
    assert whole.unsent_bytes == 0


def test_a_slow_one_takes_its_time_for_each_byte():
    agenda, whole, out = pipe(delay=0.0, jitter=0.0, rate=100.0)
    whole.send("a", 100)
    whole.send("b", 50)
    agenda.run_until(1.2)
    assert (out, whole.unsent_bytes) == ([("a", 1.0)], 50)
    agenda.run_until(2.0)
    assert out[-1] == ("b", 1.5)


def test_what_is_held_comes_after_the_release_and_in_order():
    agenda, whole, out = pipe(delay=0.1, jitter=0.0)
    whole.hold()
    whole.send("a", 1)
    agenda.run_until(3.0)
    assert out == []
    whole.release()
    whole.send("b", 1)
    agenda.run_until(4.0)
    assert [thing for thing, _ in out] == ["a", "b"]
    whole.release()


def test_what_is_cut_never_comes():
    agenda, whole, out = pipe()
    whole.send("a", 1)
    whole.cut()
    whole.send("b", 1)
    agenda.run_until(1.0)
    assert [thing for thing, _ in out] == ["b"]
