from __future__ import annotations

from protocol.driving import Line
from protocol.rotating import TwoLinks
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


def silent(line, seconds):
    """A line to which nothing comes any more, up to a judgement; the loop was never held up."""
    line.connection.kernel.acknowledged(line.epoch, 1, line.now)
    for _ in range(int(seconds / 0.2)):
        line.now += 0.2
        line.connection.kernel.acknowledged(line.epoch, 1, line.now)


def test_a_link_of_which_something_was_not_read_is_not_taken_for_dead():
    line, other = Line().come_live(), Line().come_live()
    for one in (line, other):
        one.wait(0.0)
        silent(one, 8.0)
        assert one.connection.kernel.is_doubtful(one.epoch, one.now)
        # Somebody else's link says nothing of it.
        for epoch, unread in ((one.epoch + 1, 5), (one.epoch, 5 if one is line else 0)):
            one.connection.kernel.waits(epoch, one.now, received_bytes=9, unread_bytes=unread)
        one.connection.handle_timeout(one.now, 0.5)
        one.drain()
    assert not line.of(seen.LinkEnded)
    assert line.connection.deadline() > line.now
    assert other.of(seen.LinkEnded)
    assert not other.connection.kernel.is_doubtful(other.epoch + 1, other.now)


def test_a_second_link_of_which_something_was_not_read_is_not_either():
    line = TwoLinks().come_live()
    second = line.rotate()
    second.opened()
    kernel = line.connection.kernel
    line.connection.handle_timeout(line.now, 0.5)
    now = line.now + 20.0
    assert kernel.is_doubtful(second.epoch, now)
    kernel.waits(second.epoch, now, received_bytes=None, unread_bytes=0)
    assert kernel.is_doubtful(second.epoch, now)
    kernel.waits(second.epoch, now, received_bytes=9, unread_bytes=5)
    assert not kernel.is_doubtful(second.epoch, now)
