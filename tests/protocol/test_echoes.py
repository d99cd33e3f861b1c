from __future__ import annotations

from protocol.driving import Line
from protocol.test_restore import progress
from protocol.test_rotation import live, told
from trunkline.protocol import observations as seen
from trunkline.protocol.echoes import Echoes, item_mark


def test_all_is_well_when_every_item_came_back_equal():
    item = {"id": "a", "content": [{"text": "x"}]}
    echoes = progress(item, {"id": "b", "type": "function_call", "arguments": "{}"}).echoes
    echoes.take(item | {"status": "completed"})
    assert list(echoes.ids()) == ["b"]
    echoes.take({"id": "b", "arguments": "{}"})
    echoes.take({"id": "stranger"})
    assert echoes.are_all_here
    assert echoes.end()


def test_an_item_that_did_not_come_back_is_named_once():
    echoes = progress({"id": "a"}).echoes
    assert not echoes.end()
    assert not echoes.end()
    assert echoes.differences == ["item a was not confirmed"]


def test_an_echo_in_another_place_or_of_another_kind_is_a_difference():
    echoes = progress({"id": "a", "role": "user"}, {"id": "b", "type": "message"}).echoes
    echoes.take({"id": "a", "role": "system"}, None)
    echoes.take({"id": "b"}, "elsewhere")
    assert echoes.differences == [
        "item a came back with another role",
        "item b came back behind elsewhere",
    ]


def test_where_the_place_is_not_known_any_will_do():
    echoes = Echoes()
    echoes.expect({"id": "a"})
    echoes.take({"id": "a"}, "elsewhere")
    assert echoes.end()


def test_an_item_that_is_refused_is_waited_for_no_longer_however_long_its_id():
    echoes, long = Echoes(), "x" * 64
    echoes.expect({"id": long})
    echoes.expect({"id": "b"})
    echoes.refused(item_mark(long), "no")
    assert (list(echoes.ids()), echoes.differences) == (["b"], ["no"])


def test_the_second_session_of_a_rotation_is_held_to_the_order_too():
    line = told(live())
    second = line.rotate()
    second.opened()
    second.created()
    second.updated()
    first, other = (request["item"] for request in second.sent[1:])
    second.hear("conversation.item.added", item=first, previous_item_id="elsewhere")
    second.hear("conversation.item.added", item=other, previous_item_id=first["id"])
    assert line.of(seen.Rotated)[0].verified
    line = told(live())
    second = line.rotate()
    second.opened()
    second.created()
    second.updated()
    first, other = (request["item"] for request in second.sent[1:])
    second.hear("conversation.item.added", item=first)
    second.hear("conversation.item.added", item=other, previous_item_id="elsewhere")
    assert not line.of(seen.Rotated)[0].verified


def test_a_difference_is_told_with_the_restore():
    line = Line().come_live()
    line.ask("conversation.item.create", item={"id": "m", "type": "message", "role": "user"})
    line.ended()
    line.wait(1.0)
    line.opened()
    line.created()
    line.updated()
    line.hear("conversation.item.added", item={"id": "m", "role": "system"})
    line.updated()
    assert not line.of(seen.Restored)[0].verified
    assert line.of(seen.Anomaly)[-1].sample == "item m came back with another role"
