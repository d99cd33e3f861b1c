from __future__ import annotations

from types import SimpleNamespace

from trunkline.soak import audit


def item(role: str, text: str, **body: str) -> SimpleNamespace:
    return SimpleNamespace(role=role, text=lambda: text, body={"type": "message", **body})


class Accusations(list):
    def __call__(self, law: str, detail: str) -> None:
        self.append(law)


def test_speech_stands_in_its_order_and_an_answer_behind_its_question():
    found = Accusations()
    lawful = [item("user", "0-2400"), item("assistant", "re:0-2400 and"), item("user", "2400-4800")]
    audit.order(lawful, found)
    assert found == []
    audit.order(lawful[::-1], found)
    assert found == ["order", "order"]


def test_the_output_of_every_function_is_there():
    found = Accusations()
    output = item("", "", type="function_call_output", call_id="c")
    audit.tools([output], {"c"}, found)
    assert found == []
    audit.tools([output], {"c", "d"}, found)
    assert found == ["tools"]


def test_what_was_written_is_there_and_what_was_deleted_is_not():
    found = Accusations()
    items = [item("user", "a", id="app_0"), item("user", "b", id="app_1")]
    audit.typed(items, ["a", "b"], set(), found)
    assert found == []
    audit.typed(items, ["a", "b", "c"], {"b"}, found)
    assert found == ["I1", "I1"]
    audit.typed(items[::-1], ["a", "b"], set(), found)
    assert found[2:] == ["order"]


def test_what_was_deleted_is_in_no_session():
    found = Accusations()
    audit.ghosts([item("user", "typed 1")], {"typed 0"}, found)
    assert found == []
    audit.ghosts([item("user", "typed 0")], {"typed 0"}, found)
    assert found == ["I1"]
