"""The words of both sides as a terminal rolls them."""

from __future__ import annotations

from trunkline.cli.cellwidth import cells
from trunkline.cli.word_roll import WordRoll


def test_an_utterance_grows_and_is_given_once_when_it_is_over():
    roll = WordRoll()
    roll.write("user      Good ")
    assert roll.growing(80) == "user      Good"
    assert roll.take(80) == []
    roll.write("morning.")
    roll.write("\nassistant ")
    assert roll.take(80) == ["user      Good morning."]
    assert roll.take(80) == []
    assert roll.growing(80) == "assistant "


def test_of_what_grows_beyond_the_line_the_end_is_seen():
    roll = WordRoll()
    roll.write("assistant Quisiera cambiar mi billete de tren al jueves")
    assert roll.growing(30) == "assistant …de tren al jueves"
    assert cells(roll.growing(30)) < 30


def test_a_long_utterance_is_wrapped_behind_its_speaker():
    roll = WordRoll()
    roll.write("user      I would like to change my ticket\n")
    assert roll.take(30) == ["user      I would like to", "          change my ticket"]


def test_in_a_window_of_a_few_columns_there_are_still_words():
    roll = WordRoll()
    roll.write("user      I would like to change my ticket")
    assert cells(roll.growing(12)) < 12
    roll.write("\n")
    assert (
        "".join(line[10:] for line in roll.take(12)).replace(" ", "")
        == "Iwouldliketochangemyticket"
    )


def test_empty_lines_are_left_out():
    roll = WordRoll()
    roll.write("\nuser      Good\n\n")
    assert roll.take(80) == ["user      Good"]
