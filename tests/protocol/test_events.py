from __future__ import annotations

from dataclasses import fields, is_dataclass

import pytest

from trunkline.protocol import events

KINDS = [
    getattr(events, name)
    for name in events.__all__
    if isinstance(getattr(events, name), type) and issubclass(getattr(events, name), events.Event)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_is_a_frozen_record_that_says_what_it_means(kind: type):
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert kind.__doc__
    assert not kind.__doc__.startswith(kind.__name__ + "(")


def test_audio_does_not_show_in_the_repr():
    event = events.AudioDelta(
        response_id="r", item_id="i", output_index=0, content_index=0, pcm=b"secret"
    )
    assert "secret" not in repr(event)


def test_events_with_equal_facts_are_equal():
    assert events.ItemDeleted(item_id="a") == events.ItemDeleted(item_id="a")
    assert {field.name for field in fields(events.Raw)} == {"type", "data"}
