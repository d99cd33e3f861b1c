"""The words of both sides, in the order of the conversation."""

from __future__ import annotations

from trunkline.cli.words import Words
from trunkline.protocol.observations import Milestone, MilestoneKind, Speaker, Transcript

USER, ASSISTANT = Speaker.USER, Speaker.ASSISTANT


def started(item_id: str) -> Milestone:
    return Milestone(at=0.0, epoch=1, kind=MilestoneKind.SPEECH_STARTED, item_id=item_id)


def said(speaker: Speaker, item_id: str, text: str, *, final: bool = False) -> Transcript:
    return Transcript(at=0.0, epoch=1, speaker=speaker, item_id=item_id, text=text, final=final)


class Terminal:
    def __init__(self, *, live: bool) -> None:
        self.text = ""
        self.words = Words(self._write, live=live)

    def _write(self, text: str) -> None:
        self.text += text

    def after(self, *facts) -> str:
        for fact in facts:
            self.words(fact)
        return self.text


def test_an_answer_waits_for_the_words_before_it():
    terminal = Terminal(live=False)
    assert terminal.after(started("u"), said(ASSISTANT, "a", "Hola.", final=True)) == ""
    shown = terminal.after(said(USER, "u", "Hello.", final=True))
    assert shown == "user      Hello.\nassistant Hola.\n"


def test_where_somebody_looks_on_words_come_one_by_one():
    terminal = Terminal(live=True)
    assert terminal.after(started("u"), said(USER, "u", "Good ")) == "user      Good"
    assert terminal.after(said(USER, "u", "mor")) == "user      Good"
    assert terminal.after(said(USER, "u", "ning. I")) == "user      Good morning."
    done = terminal.after(said(USER, "u", "Good morning. I see.", final=True))
    assert done == "user      Good morning. I see.\n"


def test_words_that_were_corrected_are_written_anew():
    terminal = Terminal(live=True)
    terminal.after(said(USER, "u", "Good moaning "))
    shown = terminal.after(said(USER, "u", "Good morning.", final=True))
    assert shown == "user      Good moaning\nuser      Good morning.\n"


def test_words_that_stay_away_are_given_up_when_the_next_turns_come():
    terminal = Terminal(live=False)
    terminal.after(started("u1"), said(ASSISTANT, "a1", "Uno.", final=True), started("u2"))
    assert terminal.text == ""
    shown = terminal.after(said(USER, "u2", "Two.", final=True))
    assert shown == "assistant Uno.\nuser      Two.\n"
    late = terminal.after(said(USER, "u1", "One.", final=True))
    assert late == shown + "user      One.\n"


def test_the_end_writes_what_waits_once():
    terminal = Terminal(live=False)
    terminal.after(started("u"), said(ASSISTANT, "a", "Hola", final=False))
    terminal.words.close()
    terminal.words.close()
    assert terminal.text == "assistant Hola\n"
    assert terminal.after(said(ASSISTANT, "a", "Hola", final=True)) == "assistant Hola\n"


def test_neither_a_key_in_pieces_nor_a_control_sequence_gets_out():
    terminal = Terminal(live=True)
    terminal.after(
        said(ASSISTANT, "a", "it is sk-pro"), said(ASSISTANT, "a", "j-canary0123 \x1b[2J ")
    )
    terminal.after(said(ASSISTANT, "a", "it is sk-proj-canary0123 \x1b[2J ok", final=True))
    assert "canary" not in terminal.text
    assert "\x1b" not in terminal.text
    assert terminal.text.endswith("ok\n")
