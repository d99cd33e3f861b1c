"""The lines at the bottom of a terminal, as a terminal shows them."""

from __future__ import annotations

import pyte

from trunkline.cli.footer import HIDE_CURSOR, SHOW_CURSOR, Footer, FooterLine


class Paper:
    """A terminal of a size that is sent what a footer gives."""

    def __init__(self, columns: int = 20, rows: int = 6) -> None:
        self.screen = pyte.HistoryScreen(columns, rows)
        self.stream = pyte.Stream(self.screen)
        self.footer = Footer()

    def draw(self, *lines: str, scrolled: tuple[str, ...] = ()) -> str:
        found = [FooterLine.of(line) for line in lines]
        sent = self.footer.draw(found, columns=self.screen.columns, scrolled=scrolled)
        self.stream.feed(sent)
        return sent

    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.screen.display]


def test_it_is_drawn_in_place():
    paper = Paper()
    paper.draw("words", "status 1")
    paper.draw("words", "status")
    assert paper.rows()[:3] == ["words", "status", ""]


def test_nothing_is_sent_for_what_is_there_already():
    paper = Paper()
    assert paper.draw("words", "status")
    assert paper.draw("words", "status") == ""


def test_what_was_said_scrolls_away_above_it():
    paper = Paper()
    paper.draw("growing", "status")
    paper.draw("", "status", scrolled=("user  one", "user  two"))
    assert paper.rows()[:4] == ["user  one", "user  two", "", "status"]


def test_at_the_end_of_the_screen_the_lines_go_into_the_terminals_own_scrollback():
    paper = Paper(rows=4)
    for number in range(6):
        paper.draw("", "status", scrolled=(f"line {number}",))
    assert paper.rows() == ["line 4", "line 5", "", "status"]
    kept = ["".join(row[x].data for x in range(6)) for row in paper.screen.history.top]
    assert kept == ["line 0", "line 1", "line 2", "line 3"]


def test_more_or_fewer_lines_leave_nothing_behind():
    paper = Paper()
    paper.draw("one", "two", "three")
    paper.draw("four")
    assert paper.rows() == ["four", "", "", "", "", ""]


def test_on_a_terminal_that_became_narrower_it_is_found_where_it_was_reflowed_to():
    paper = Paper(columns=20)
    paper.draw("a line of 17 cells", "status")
    # As a terminal that reflows shows it at 10 columns: three rows, the cursor in the last.
    narrow = Paper(columns=10)
    narrow.footer = paper.footer
    narrow.stream.feed("a line of\r\n 17 cells\r\nstatus")
    narrow.draw("words", "status")
    assert narrow.rows()[:3] == ["words", "status", ""]


def test_erased_it_leaves_the_cursor_where_it_began():
    paper = Paper()
    paper.draw("words", "status", scrolled=("said",))
    paper.stream.feed(paper.footer.erase(columns=20))
    assert paper.rows()[:3] == ["said", "", ""]
    assert (paper.screen.cursor.y, paper.screen.cursor.x) == (1, 0)
    assert paper.footer.erase(columns=20) == ""


def test_colours_take_no_room():
    paper = Paper(columns=8)
    line = FooterLine("\x1b[32mlive\x1b[0m ok", 7)
    paper.stream.feed(paper.footer.draw([line, line], columns=8))
    paper.stream.feed(paper.footer.draw([line], columns=8))
    assert paper.rows()[:2] == ["live ok", ""]


def test_the_cursors_sequences_are_those_of_a_terminal():
    paper = Paper()
    paper.stream.feed(HIDE_CURSOR)
    assert paper.screen.cursor.hidden
    paper.stream.feed(SHOW_CURSOR)
    assert not paper.screen.cursor.hidden
