"""Whether a new session was told what the old one knew: settings, conversation, tool results."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from trunkline.gauntlet.trial import Aim, Score, Trial, Verdict

if TYPE_CHECKING:
    from trunkline.gauntlet.record import Record, Visit
    from trunkline.simulator.history import ItemRecord

__all__ = ["KNOWN_AFTER", "judge_items", "judge_settings", "judge_tool"]

KNOWN_AFTER = 0.6
"""Seconds from the end of a turn until a client can know its words: the transcript takes half of it."""
_OF_THE_SERVER = ("id", "object", "expires_at", "model")


def _passed(reason: str) -> Score:
    return Score(verdict=Verdict.PASSED, reason=reason)


def _failed(reason: str) -> Score:
    return Score(verdict=Verdict.FAILED, reason=reason)


def _absent(reason: str) -> Score:
    return Score(verdict=Verdict.NOT_APPLICABLE, reason=reason)


def judge_settings(trial: Trial, record: Record) -> Score:
    """Whether everything the client told its first session is in force in the one that lasted.

    What it had not told yet is not asked for, since some clients tell their settings in several
    updates; nor what it told a session in between, which may have been for the restore alone.
    """
    final = record.final
    if trial.aim is not Aim.BACK or final is None:
        return _absent("no session is to be restored" if final else "no connection lasted")
    first = next((visit for visit in record.visits if _told(visit)), None)
    if first is None:
        return _failed("no session was ever told its settings")
    lost = _told(first) & _differences(first.settings, final.settings)
    if lost:
        return _failed("differs: " + ", ".join(sorted(lost)))
    return _passed("all that was told before is in force")


def _told(visit: Visit) -> set[str]:
    """The paths of the settings that the client changed in a session."""
    return _differences(visit.settings_before, visit.settings)


def _differences(wanted: Any, has: Any, path: str = "") -> set[str]:
    """The paths at which two settings differ, but for what is the server's own."""
    if not isinstance(wanted, dict) or not isinstance(has, dict):
        return set() if wanted == has else {path}
    found: set[str] = set()
    for name in (wanted.keys() | has.keys()) - ({*_OF_THE_SERVER} if not path else set()):
        inner = f"{path}.{name}" if path else name
        found |= _differences(wanted.get(name), has.get(name), inner)
    return found


def judge_items(trial: Trial, record: Record) -> Score:
    """Whether the turns of the ended sessions stand in the one that lasted, once and in order."""
    if trial.aim is not Aim.BACK:
        return _absent("no conversation is to be restored")
    if record.final is None:
        return _absent("no connection lasted")
    owed = _owed(record)
    told = [item for item in record.final.history.items_of("created") if item.kind == "message"]
    fault = _fault_of(told, owed)
    if fault:
        return _failed(fault)
    if not owed:
        return _absent("there was no turn yet")
    return _passed(f"{len(owed)} messages, each once, in order")


def _fault_of(told: list[ItemRecord], owed: list[str]) -> str:
    """What is wrong with what a session was told; empty if nothing is."""
    twice = _twice(told)
    if twice:
        return f"told twice: {_quote(twice)}"
    has = [item.text for item in told]
    missing = [text for text in owed if text not in has]
    if missing:
        return f"{len(missing)} of {len(owed)} messages are missing: {_quote(missing[0])}"
    return "" if [text for text in has if text in owed] == owed else "told in another order"


def _owed(record: Record) -> list[str]:
    """What was said in the broken sessions, by both, and could be known before the break."""
    owed: list[str] = []
    for visit in record.broken:
        for text in _known_texts(visit):
            if text not in owed:
                owed.append(text)
    return owed


def _known_texts(visit: Visit) -> list[str]:
    assert visit.broken_at is not None
    history = visit.history
    done = {one.item_id: one for one in history.responses if one.status == "completed"}
    known = []
    for item in history.items:
        if item.origin == "committed" and item.at + KNOWN_AFTER < visit.broken_at:
            known.append((item.at, item.text))
        elif item.origin == "generated" and item.id in done and item.kind == "message":
            answer = done[item.id]
            if answer.done_at is not None and answer.done_at < visit.broken_at - KNOWN_AFTER:
                known.append((answer.at, answer.transcript))
    return [text for _, text in sorted(known)]


def _twice(told: list[ItemRecord]) -> str:
    counts = Counter((item.role, item.text) for item in told)
    return next((text for (_, text), count in counts.items() if count > 1), "")


def _quote(text: str) -> str:
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"


def judge_tool(trial: Trial, record: Record) -> Score:
    """Whether the output of the call that was broken off is in the session that lasted, once."""
    if trial.tool_turn is None:
        return _absent("the model calls no function")
    if not _calls(record):
        return _absent("the client offers no function")
    if record.final is None:
        return _absent("no connection lasted")
    fault = _fault_of_outputs(record, record.final)
    return _failed(fault) if fault else _passed("one output, together with its call")


def _fault_of_outputs(record: Record, final: Visit) -> str:
    everywhere = {item.text for visit in record.visits for item in _outputs(visit)}
    if len(everywhere) > 1:
        return f"the function was run {len(everywhere)} times"
    told = len(_outputs(final))
    if told > 1:
        return f"its output was told {told} times to one session"
    return "" if told else "its output never reached the session that lasted"


def _calls(record: Record) -> list[ItemRecord]:
    items = [item for visit in record.visits for item in visit.history.items_of("generated")]
    return [item for item in items if item.kind == "function_call"]


def _outputs(visit: Visit) -> list[ItemRecord]:
    return [
        item for item in visit.history.items_of("created") if item.kind == "function_call_output"
    ]
