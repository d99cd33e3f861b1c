from __future__ import annotations

from protocol.driving import Line
from trunkline.protocol import observations as seen


def test_acknowledgements_alone_are_a_sign_of_life():
    line, other = Line().come_live(), Line().come_live()
    for one in (line, other):
        one.wait(0.0)
        assert one.connection.kernel.acknowledged(one.epoch, 1, one.now)
    for second in range(6):
        line.now += 1.0
        assert line.connection.kernel.acknowledged(line.epoch, 2 + second, line.now)
    line.wait(0.0)
    other.wait(6.0)
    assert not line.of(seen.LinkEnded)
    assert other.of(seen.LinkEnded)


def test_they_are_told_with_the_rest_where_a_line_is_not_simply_live():
    line = Line().start()
    line.until(line.state.DIALING)
    assert not line.connection.kernel.acknowledged(line.epoch, 1, line.now)
    line.come_live()
    assert not line.connection.kernel.acknowledged(line.epoch + 1, 1, line.now)
    line.connection.rotate(line.now)
    assert not line.connection.kernel.acknowledged(line.epoch, 1, line.now)


def test_a_loop_that_was_held_up_is_noticed_by_them_too():
    line = Line().come_live()
    line.wait(0.0)
    line.connection.kernel.acknowledged(line.epoch, 1, line.now)
    line.now += 7.0
    line.connection.kernel.acknowledged(line.epoch, 1, line.now)
    line.drain()
    assert line.of(seen.LoopBlocked)
