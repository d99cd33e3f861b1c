"""When spans of lines begin and end."""

from __future__ import annotations

from fleet.spanning import Drawn, seconds
from telemetry.counting import WALL, beat, live, went
from trunkline.protocol.lifecycle import State
from trunkline.telemetry.frames import Ended


def test_a_line_is_a_span_with_what_it_is_called_and_where_it_goes():
    drawn = Drawn().take(*live(), beat(1.0), went(State.LIVE, State.CLOSED, 5.0))
    line = drawn.only("trunkline.line")
    assert seconds(line) == (0.0, 5.0)
    assert dict(line.attributes) == {
        "network.protocol.name": "websocket",
        "trunkline.line.id": "a",
        "trunkline.line.name": "line a",
        "server.address": "host",
        "server.port": 443,
        "trunkline.end_reason": "closed",
    }
    assert [event.name for event in line.events] == ["dialing", "live", "closed"]


def test_a_line_that_is_over_is_drawn_once():
    drawn = Drawn().take(*live(), went(State.LIVE, State.CLOSED, 5.0), Ended(line="a", at=6.0))
    assert len(drawn.kept.get_finished_spans()) == 1


def test_a_line_whose_process_went_ends_with_it():
    drawn = Drawn().take(*live(), Ended(line="a", at=6.0, gone=True))
    assert seconds(drawn.only("trunkline.line")) == (0.0, 6.0)


def test_what_is_open_ends_with_telemetry():
    drawn = Drawn().take(*live("a"), *live("b"))
    drawn.spans.forget("stranger", WALL)
    drawn.spans.close(WALL + 7.0)
    assert [seconds(one) for one in drawn.named("trunkline.line")] == [(0.0, 7.0)] * 2
    assert {one.attributes["trunkline.end_reason"] for one in drawn.named("trunkline.line")} == {"left"}  # fmt: skip
