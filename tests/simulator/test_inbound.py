from __future__ import annotations

import orjson

from simulator.sitting import Sitting, types, user_text
from trunkline.simulator.actions import DropEvent
from trunkline.simulator.faults import Events, Facts, Fault, FaultBook
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.inbound import Inbound
from trunkline.simulator.xai import XaiDialect


def inbound(sitting: Sitting, *faults: Fault, dialect=None) -> Inbound:
    passed = sitting.engine.history.passed

    def facts_of(kind: str) -> Facts:
        return Facts(connection=1, elapsed=0.0, events={**passed, kind: passed[kind] + 1})

    return Inbound(sitting.engine, dialect=dialect, book=FaultBook(faults), facts_of=facts_of)


def test_a_swallowed_event_never_happened_for_the_session():
    sitting = Sitting()
    drop = Fault(when=Events(type="conversation.item.create", count=2), action=DropEvent())
    way = inbound(sitting, drop)
    for text in ("one", "two", "three"):
        way.take(orjson.dumps(user_text(text)).decode(), 0.0)
    assert [item.text() for item in sitting.engine.items] == ["one", "three"]
    assert sitting.engine.history.swallowed == {"conversation.item.create": 1}
    assert len(sitting.engine.history.received) == 2


def test_what_is_no_event_is_left_to_the_engine_to_refuse():
    sitting = Sitting()
    drop = Fault(when=Events(type="x"), action=DropEvent())
    way = inbound(sitting, drop)
    for text in ("{", "[]", "{}"):
        way.take(text, 0.0)
    codes = [event["error"]["code"] for event in sitting.collect()]
    assert codes == ["invalid_json", "invalid_event", "missing_required_parameter"]


def test_what_a_dialect_does_not_know_is_answered_with_an_error():
    sitting = Sitting()
    dialect = XaiDialect(Identity(Chance(1)), conversation_id="c")
    inbound(sitting, dialect=dialect).take('{"type": "conversation.item.truncate"}', 0.0)
    assert types(sitting.collect()) == ["error"]
