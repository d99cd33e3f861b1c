"""The laws of a conversation as it stands at the end: the order of its items, and that none is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.soak.tape import RATE_HZ
from trunkline.soak.voice import spans_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trunkline.simulator.items import Item

    Accuse = Callable[[str, str], None]

__all__ = ["ghosts", "order", "tools", "typed"]

_MILLISECOND = RATE_HZ // 1000


def order(items: list[Item], accuse: Accuse) -> None:
    """What was said stands as it was said, and no answer before its question."""
    last, asked_before = 0, set()
    questions = {item.text() for item in items if item.role == "user"}
    for item in items:
        text = item.text()
        spans = spans_of(text) if item.role == "user" else None
        if spans:
            if spans[0][0] < last - _MILLISECOND:
                accuse("order", f"{text} stands after speech up to {last}")
            last = max(last, spans[-1][1])
        if item.role == "user":
            asked_before.add(text)
        asked = text.removeprefix("re:").partition(" ")[0]
        if item.role == "assistant" and asked in questions - asked_before:
            accuse("order", f"an answer stands before its question {asked}")


def tools(items: list[Item], outputs: set[str], accuse: Accuse) -> None:
    """What the application's functions gave is there."""
    found = {
        str(item.body.get("call_id"))
        for item in items
        if item.body["type"] == "function_call_output"
    }
    missing = sorted(outputs - found)
    if missing:
        accuse("tools", f"the output of {missing[0]} is not in the conversation")


def typed(items: list[Item], written: list[str], deleted: set[str], accuse: Accuse) -> None:
    """What the application wrote is there, in its order, and what it deleted is not."""
    texts = [item.text() for item in items if item.body.get("id", "").startswith("app_")]
    back = [text for text in texts if text in deleted]
    for text in written:
        if text not in texts and text not in deleted:
            accuse("I1", f"the item {text!r} is not in the conversation")
    for text in back:
        accuse("I1", f"the deleted item {text!r} is in the conversation")
    if [text for text in written if text in texts] != texts and not back:
        accuse("order", f"the items came as {texts}")


def ghosts(items: Iterable[Item], deleted: set[str], accuse: Accuse) -> None:
    """What was deleted long ago is not in a session that is well."""
    for text in sorted(item.text() for item in items):
        if text in deleted:
            accuse("I1", f"the deleted item {text!r} is in the conversation")
