"""The memory of how links ended."""

from __future__ import annotations

import pytest

from protocol.driving import RESET, Line, dials
from trunkline.protocol.closure import Closure, Disposition, Fault
from trunkline.protocol.lifecycle import State
from trunkline.protocol.repetition import Repetitions

UNREADABLE = Closure(code=1007)


@pytest.mark.parametrize(
    ("later", "disposition"), [(599.9, Disposition.FATAL), (600.0, Disposition.RETRY)]
)
def test_a_violation_is_final_the_second_time_in_ten_minutes(
    later: float, disposition: Disposition
):
    memory = Repetitions()
    assert memory.judge(UNREADABLE, 100.0).disposition is Disposition.RETRY
    memory.live()
    assert memory.judge(RESET, 101.0).disposition is Disposition.RETRY
    assert memory.judge(UNREADABLE, 100.0 + later).disposition is disposition


def test_each_kind_of_violation_is_counted_for_itself():
    memory = Repetitions()
    for code in (1002, 1003, 1007, 1009, 1010):
        assert memory.judge(Closure(code=code), 0.0).disposition is Disposition.RETRY


@pytest.mark.parametrize("fault", [Fault.TLS_MISMATCH, Fault.NOT_TLS])
def test_what_tls_never_got_over_is_final_the_second_time(fault: Fault):
    memory = Repetitions()
    for _ in range(3):
        assert memory.judge(Closure(fault=fault), 0.0).disposition is Disposition.RETRY
        memory.live()
    memory.judge(Closure(fault=fault), 0.0)
    assert memory.judge(Closure(fault=fault), 5000.0).disposition is Disposition.FATAL


def test_a_name_that_is_asked_for_in_vain_brings_a_warning_with_the_third_time():
    memory = Repetitions()
    gone = Closure(fault=Fault.NO_SUCH_NAME)
    causes = [memory.judge(gone, at).cause for at in range(5)]
    assert causes[0] == causes[1]
    assert causes[2] == causes[3] == causes[4] != causes[0]


def test_a_key_that_cannot_be_renewed_is_tried_once():
    memory = Repetitions(renewable=False)
    assert memory.judge(Closure(status=401), 0.0).disposition is Disposition.FATAL


def test_a_key_that_was_refused_for_good_is_asked_for_anew_by_whoever_dials_after_all():
    memory = Repetitions()
    assert memory.judge(Closure(status=401), 0.0).disposition is Disposition.RETRY
    assert memory.asks_for_new_key()
    assert memory.judge(Closure(status=401), 1.0).disposition is Disposition.FATAL
    assert memory.asks_for_new_key()
    assert not memory.asks_for_new_key()


def test_the_memory_does_not_grow():
    memory = Repetitions()
    for at in range(1000):
        memory.judge(UNREADABLE, float(at))
    assert sum(len(times) for times in memory._spoke.values()) <= 2


def test_a_line_asks_its_memory():
    line = Line().come_live()
    line.ended(UNREADABLE)
    line.come_live()
    line.ended(UNREADABLE)
    assert line.state is State.FAILED
    assert "second time" in line.connection.failure.cause
    assert len(dials(line)) == 2
