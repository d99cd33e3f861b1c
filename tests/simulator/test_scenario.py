from __future__ import annotations

import json

import pytest

from trunkline.errors import ConfigError
from trunkline.simulator.faults import CloseLink, Fault, InReply, InUtterance, ResetLink, SendError
from trunkline.simulator.scenario import Scenario, action_from_dict

DOCUMENT = {
    "faults": [
        {"when": {"utterance": 3, "ms": 1200}, "action": "rst"},
        {"when": {"reply": 5, "ms": 900}, "action": "close", "code": 1011, "reason": "oh"},
        {"when": {"appended_ms": 2000}, "connection": 2, "action": "stall", "seconds": 3},
        {"when": {"event": "session.update", "count": 2}, "action": "error", "message": "oh"},
        {"when": {"seconds": 10.5}, "action": "rst"},
    ]
}


def test_a_document_becomes_faults():
    first, second, *_ = Scenario.from_dict(DOCUMENT).faults
    assert first == Fault(when=InUtterance(turn=3, ms=1200), action=ResetLink())
    assert second == Fault(when=InReply(turn=5, ms=900), action=CloseLink(code=1011, reason="oh"))


def test_a_scenario_survives_being_written_down():
    scenario = Scenario.from_dict(DOCUMENT)
    assert Scenario.from_dict(scenario.to_dict()) == scenario
    assert Scenario.from_dict({}) == Scenario()


def fault(**changes) -> dict:
    return {"faults": [{"when": {"seconds": 1}, "action": "rst"} | changes]}


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], "scenario"),
        ({"fault": []}, "scenario.fault"),
        ({"faults": {}}, "scenario.faults"),
        ({"faults": [1]}, "scenario.faults[0]"),
        ({"faults": [{"action": "rst"}]}, "scenario.faults[0].when"),
        (fault(when={}), "scenario.faults[0].when"),
        (fault(when={"seconds": 1, "reply": 1}), "scenario.faults[0].when"),
        (fault(when={"seconds": "1"}), "scenario.faults[0].when.seconds"),
        (fault(when={"seconds": True}), "scenario.faults[0].when.seconds"),
        (fault(when={"seconds": -1}), "scenario.faults[0].when.seconds"),
        (fault(when={"utterance": 1.5}), "scenario.faults[0].when.utterance"),
        (fault(when={"utterance": 1, "count": 2}), "scenario.faults[0].when.count"),
        (fault(action="explode"), "scenario.faults[0].action"),
        (fault(action="stall"), "scenario.faults[0].seconds"),
        (fault(action="close", code=1006), "scenario.faults[0].code"),
        (fault(action="close", code=999), "scenario.faults[0].code"),
        (fault(action="close", reason="r" * 124), "scenario.faults[0].reason"),
        (fault(code=1011), "scenario.faults[0].code"),
        (fault(connection=0), "scenario.faults[0].connection"),
        (fault(connection="1"), "scenario.faults[0].connection"),
    ],
)
def test_a_mistake_is_named_by_its_place(document, path):
    with pytest.raises(ConfigError) as refused:
        Scenario.from_dict(document)
    assert refused.value.setting == path


def test_an_action_can_stand_alone():
    assert action_from_dict({"action": "error", "code": None}) == SendError()
    with pytest.raises(ConfigError):
        action_from_dict("rst")


TOML = """
# What a document looks like.
[[faults]]
when = { event = "response.done", count = 2 }
connection = 1
action = "close"
code = 1011

[[faults]]
action = "drop"
times = 3
[faults.when]
appended_ms = 100
"""


def test_a_toml_document_says_the_same_as_a_json_one():
    close, drop = Scenario.from_text(TOML, "it.toml").faults
    assert (close.connection, close.action) == (1, CloseLink(code=1011))
    assert drop.times == 3
    document = Scenario.from_toml(TOML).to_dict()
    assert Scenario.from_text(json.dumps(document), "it.json") == Scenario.from_toml(TOML)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('"close"', '"explode"', 6, "must be one of rst, fin, close"),
        ("1011", "1006", 7, "may not be sent"),
        ("code =", "cod =", 7, "code, reason would be"),
        ("count = 2", "count = 'x'", 4, "must be int"),
        ("times = 3", "times = 0", 11, "from 1"),
        ('"drop"', '"rst"', 11, "only for what changes a message: drop, delay"),
        ("appended_ms = 100", "ms = 100", 12, "needs exactly one of appended_ms, utterance"),
        ("# What a document looks like.", "bogus = 1", 2, "faults would be"),
        ("connection = 1", "connection = ", 5, "not a TOML document"),
    ],
)
def test_a_mistake_in_toml_is_told_with_file_and_line(old, new, line, says):
    assert old in TOML
    with pytest.raises(ConfigError, match=says) as refused:
        Scenario.from_text(TOML.replace(old, new), "my.toml")
    assert "my.toml" in str(refused.value)
    assert f"line {line}" in str(refused.value)


def test_a_file_is_loaded_by_what_is_in_it(tmp_path):
    (tmp_path / "a").write_text(TOML)
    (tmp_path / "b").write_text(json.dumps(DOCUMENT))
    assert len(Scenario.load(tmp_path / "a").faults) == 2
    assert Scenario.load(str(tmp_path / "b")) == Scenario.from_dict(DOCUMENT)
    (tmp_path / "c").write_text("{")
    for name in ("c", "missing"):
        with pytest.raises(ConfigError, match=name):
            Scenario.load(tmp_path / name)
