from __future__ import annotations

from trunkline.simulator.dialect import AzureDialect, part_of


def test_azure_sends_a_part_twice():
    part = {"type": "audio", "transcript": ""}
    event = {"type": "response.content_part.added", "part": part}
    assert list(AzureDialect().outgoing(event)) == [event | {"content": part}]


def test_azure_has_a_code_of_its_own_for_rate_limits():
    details = {"type": "failed", "error": {"code": "rate_limit_exceeded", "type": "x"}}
    event = {"type": "response.done", "response": {"status_details": details}}
    (said,) = AzureDialect().outgoing(event)
    assert said["response"]["status_details"]["error"] == {
        "code": "inference_rate_limit_exceeded",
        "type": "x",
    }
    fine = {"type": "response.done", "response": {"status_details": None}}
    assert list(AzureDialect().outgoing(fine)) == [fine]
    assert AzureDialect().incoming(fine) is fine


def test_a_part_that_is_not_there_is_empty():
    assert part_of({"a": {"b": 1}}, "a") == {"b": 1}
    assert part_of({"a": None}, "a") == part_of(None, "a") == part_of({}, "a") == {}
