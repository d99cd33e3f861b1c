from __future__ import annotations

from trunkline.protocol.observations import Milestone, MilestoneKind, Speaker, Transcript
from trunkline.telemetry.snapshot import Utterance
from trunkline.telemetry.transcript import KEPT_CHARS, KEPT_LINES, Transcripts


def _said(text, *, final=False, item="i1", speaker=Speaker.ASSISTANT):
    return Transcript(at=1.0, epoch=1, speaker=speaker, item_id=item, text=text, final=final)


def _folded(*facts):
    transcripts = Transcripts()
    for fact in facts:
        transcripts.add(fact)
    return transcripts


def test_deltas_of_an_item_are_one_line():
    (line,) = _folded(_said("Bue"), _said("nos días")).view()
    assert (line.text, line.progress) == ("Buenos días", Utterance.OPEN)


def test_the_final_text_replaces_the_pieces_and_stays():
    (line,) = _folded(_said("Bue"), _said("Hola", final=True), _said("late")).view()
    assert (line.text, line.progress) == ("Hola", Utterance.FINAL)


def test_both_sides_may_use_the_same_item_id():
    lines = _folded(_said("a"), _said("b", speaker=Speaker.USER)).view()
    assert [line.speaker for line in lines] == ["assistant", "user"]


def _moment(kind, item="u1"):
    return Milestone(at=0.5, epoch=1, kind=kind, item_id=item)


def test_the_users_words_stand_where_the_user_began_to_speak():
    transcripts = Transcripts()
    transcripts.begin(_moment(MilestoneKind.SPEECH_STARTED))
    transcripts.begin(_moment(MilestoneKind.COMMITTED))
    transcripts.add(_said("Hola"))
    assert [line.text for line in transcripts.view()] == ["Hola"]
    transcripts.add(_said("Hello", final=True, item="u1", speaker=Speaker.USER))
    assert [(line.at, line.text) for line in transcripts.view()] == [(0.5, "Hello"), (1.0, "Hola")]


def test_other_moments_keep_no_place():
    transcripts = Transcripts()
    transcripts.begin(_moment(MilestoneKind.RESPONSE_CREATED, item=""))
    transcripts.begin(_moment(MilestoneKind.SPEECH_STOPPED))
    transcripts.add(_said("Hola", item="i1"))
    transcripts.add(_said("Hello", item="u1", speaker=Speaker.USER))
    assert [line.text for line in transcripts.view()] == ["Hola", "Hello"]


def test_what_was_open_is_cut_when_the_link_ends():
    transcripts = _folded(_said("Bue"), _said("Hola", final=True, item="i2"))
    transcripts.link_ended()
    assert [line.progress for line in transcripts.view()] == [Utterance.CUT, Utterance.FINAL]


def test_a_key_split_over_two_deltas_is_still_masked():
    (line,) = _folded(_said("my key is sk-pro"), _said("j-1234567890")).view()
    assert line.text == "my key is [redacted]"


def test_control_sequences_are_harmless():
    (line,) = _folded(_said("\x1b]0;"), _said("owned\x07"), _said("\u202eevil")).view()
    assert not {"\x1b", "\x07", "\u202e"} & set(line.text)


def test_lines_and_their_length_are_bounded():
    transcripts = _folded(*(_said("x" * 5000, item=f"i{n}") for n in range(KEPT_LINES + 20)))
    assert len(transcripts.view()) == KEPT_LINES
    assert {len(line.text) for line in transcripts.view()} == {KEPT_CHARS}


def test_unchanged_lines_are_the_same_objects():
    transcripts = _folded(_said("a"), _said("b", item="i2"))
    before = transcripts.view()
    transcripts.add(_said("c", item="i2"))
    assert transcripts.view()[0] is before[0]
    assert transcripts.view() is not before
