from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator.emitter import Emitter
from trunkline.simulator.identity import Chance, Identity


def emitter() -> Emitter:
    chance = Chance(1)
    return Emitter(Identity(chance), chance)


def test_events_come_out_in_order_with_type_and_id_first():
    out = emitter()
    out.emit("a", x=1)
    out.emit("b")
    assert len(out) == 2
    first = out.pop()
    assert list(first) == ["type", "event_id", "x"]
    assert out.pop()["event_id"] != first["event_id"]
    assert out.pop() is None


@given(st.text(max_size=80))
def test_padding_fills_a_delta_up_to_a_multiple_of_16(delta):
    out = emitter()
    out.emit_padded("d", delta=delta, item_id="i")
    event = out.pop()
    assert event["delta"] == delta
    assert (len(delta) + len(event["obfuscation"])) % 16 == 0


def test_a_watcher_sees_every_event_when_it_is_queued():
    chance = Chance(1)
    out = Emitter(Identity(chance), chance)
    seen = []
    out.watch = seen.append
    out.emit("one")
    out.emit_padded("two", delta="x")
    assert [event["type"] for event in seen] == ["one", "two"]
    assert seen == [out.pop(), out.pop()]
