from __future__ import annotations

import pytest

from trunkline.errors import ConfigError
from trunkline.simulator.actions import GarbleEvent, RefuseDials, SendEvent, SlowRead
from trunkline.simulator.deeds import action_of


@pytest.mark.parametrize(
    ("entry", "action"),
    [
        ({"action": "garble", "how": "noise"}, GarbleEvent(how="noise")),
        ({"action": "slow_read", "bytes_per_second": 10}, SlowRead(bytes_per_second=10)),
        ({"action": "send", "event": {"type": "x"}}, SendEvent(event={"type": "x"})),
        (
            {"action": "refuse", "status": 429, "retry_after": 2, "retry_after_form": "date"},
            RefuseDials(status=429, retry_after=2, retry_after_form="date"),
        ),
    ],
)
def test_a_document_names_an_action_and_its_fields(entry, action):
    assert action_of(entry, "here") == action


@pytest.mark.parametrize(
    ("entry", "place", "says"),
    [
        ({"action": "garble", "how": "x"}, "here.how", "cut, noise, binary, frame"),
        ({"action": "slow_read"}, "here.bytes_per_second", "missing"),
        ({"action": "slow_read", "bytes_per_second": 0}, "here.bytes_per_second", "above 0"),
        ({"action": "send", "event": {}}, "here.event.type", "missing"),
        ({"action": "send", "event": "x"}, "here.event", "an object"),
        ({"action": "rst", "code": 1}, "here.code", "nothing would be"),
        ({"action": "refuse"}, "here", "either status"),
        ({"action": "refuse", "status": 503, "code": 1013}, "here", "not both"),
        ({"action": "refuse", "status": 200}, "here.status", "400 to 599"),
        ({"action": "refuse", "code": 1006}, "here.code", "3000 to 4999"),
        ({"action": "refuse", "code": 1013, "retry_after": 1}, "here.retry_after", "status"),
        ({"action": "refuse", "status": 503, "count": 0}, "here.count", "1 or more"),
        (
            {"action": "refuse", "status": 503, "retry_after_form": "x"},
            "here.retry_after_form",
            "seconds, date",
        ),
        ({"action": ["rst"]}, "here.action", "rst"),
    ],
)
def test_a_mistake_says_where_it_is_and_what_would_do(entry, place, says):
    with pytest.raises(ConfigError, match=says) as refused:
        action_of(entry, "here")
    assert refused.value.setting == place
