"""The event inspector: what a line sent, got and felt, one row each; one of them in full; its turn as a ladder."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from textual.actions import SkipAction
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input

from trunkline.tui.filter.entries import ENTRIES
from trunkline.tui.filter.refusal import FilterError
from trunkline.tui.ink import Line, Span, Tone
from trunkline.tui.inspector.choosing import is_odd
from trunkline.tui.inspector.ladder import ladder
from trunkline.tui.inspector.redaction import without_words
from trunkline.tui.screens.comparing import ComparingKeys
from trunkline.tui.screens.taking import TakingKeys
from trunkline.tui.widgets.detail import DetailLook, detail_title, paint_detail
from trunkline.tui.widgets.eventrow import StreamLook
from trunkline.tui.widgets.filterline import FilterLook, paint_filter
from trunkline.tui.widgets.ladder import LadderLook, LadderPanel, ladder_title, paint_ladder
from trunkline.tui.widgets.listing import END_LINES
from trunkline.tui.widgets.panel import Panel
from trunkline.tui.widgets.scroll import ScrollPanel
from trunkline.tui.widgets.selection import SelectionLook, paint_selection
from trunkline.tui.widgets.suggester import FilterSuggester

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from trunkline.tui.context import Context
    from trunkline.tui.pace import Due
    from trunkline.tui.widgets.stream import StreamPanel

__all__ = ["SAVED", "EventsScreen"]

SAVED = (("f1", "errors"), ("f2", "turn"), ("f3", "slow"))
"""Filters that are a key away."""


class EventsScreen(ComparingKeys, TakingKeys):
    """Three panes: the stream, the event under its cursor, and the ladder of that event's turn."""

    NAME = "EVENTS"
    CSS_PATH = "events.tcss"
    FOOTER = (
        ("escape", "back"), ("slash", "filter"), ("tab", "pane"), ("space", "freeze"), ("c", "collapse audio"),
        ("n", "next"), ("w", "wav"), ("p", "play"), ("y", "copy"), ("x", "export"), ("question_mark", "help"),
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash",
            "filter",
            "filter",
            tooltip="Filter the stream; enter keeps it, esc takes it back",
        ),
        Binding("escape", "leave", "back", tooltip="Back to the stream, then to the screen before"),
        Binding("tab", "pane(1)", "pane", tooltip="The next pane: stream, detail, flow"),
        Binding("shift+tab", "pane(-1)", "pane", tooltip="The pane before"),
        Binding(
            "enter",
            "open",
            "open",
            tooltip="Stream: to the detail; flow: to the event in the stream",
        ),
        Binding("j,down", "move(1)", "down", tooltip="Down"),
        Binding("k,up", "move(-1)", "up", tooltip="Up"),
        Binding("pagedown", "page(1)", "page down", tooltip="A page down"),
        Binding("pageup", "page(-1)", "page up", tooltip="A page up"),
        Binding("g,home", f"move(-{END_LINES})", "top", tooltip="To the top"),
        Binding(
            "G,end",
            f"move({END_LINES})",
            "end",
            tooltip="To the end; the stream is followed from there",
        ),
        Binding("f", "follow", "follow", tooltip="Follow the newest event, or stay on this one"),
        Binding("n", "seek(1)", "next", tooltip="The next match or error"),
        Binding("N", "seek(-1)", "previous", tooltip="The match or error before"),
        Binding("exclamation_mark", "problems", "errors", tooltip="Errors only, or all"),
        Binding("v", "lit", "lit", tooltip="Show all and light what matches, or show matches only"),
        Binding("f1", "saved('errors')", "errors", tooltip="Filter: errors"),
        Binding("f2", "saved('turn')", "turn", tooltip="Filter: the turn of this event"),
        Binding("f3", "saved('slow')", "slow", tooltip="Filter: what took more than 800 ms"),
        Binding(
            "c", "collapse", "collapse", tooltip="Runs of audio as one row, or each row by itself"
        ),
        Binding(
            "o",
            "open_turn",
            "turn",
            tooltip="Only the turn of this event and what happened here meanwhile",
        ),
        Binding(
            "T",
            "words",
            "transcripts",
            tooltip="Hide what was said: here, in copies and in exports",
        ),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        plain = context.ascii_only
        self._key: str | None = None
        self._complaint = ""
        self._look: StreamLook | None = None
        self._filter = Panel(paint_filter, name="filter", framed=False, ascii_only=plain)
        self._detail = ScrollPanel(
            paint_detail, name="detail", title=detail_title, hint="tab", ascii_only=plain
        )
        self.flow = LadderPanel(
            paint_ladder, name="ladder", title=ladder_title, hint="⏎ jump  o turn", ascii_only=plain
        )
        self._selection = Panel(paint_selection, name="selection", framed=False, ascii_only=plain)

    def body(self) -> ComposeResult:
        """The filter, the stream, and below it one event and its turn."""
        yield self._filter
        yield self.panel
        with Horizontal(id="lower"):
            yield self._detail
            yield self.flow
        yield self._selection

    def on_mount(self) -> None:
        """The stream has the keys."""
        self.panel.focus()
        self.redraw()

    def draw(self, due: Due) -> None:
        """The stream follows the meters; what is selected is text, and nobody reads one that runs away."""
        super().draw(due)
        if due.meters:
            self._show_stream()
        if due.rows if self.panel.cursor.follows else due.text:
            self._show_selected()

    def redraw(self) -> None:
        """Draw everything now."""
        super().redraw()
        self._look = None
        self._show_stream()
        self._show_selected()

    def named(self) -> Line:
        """The line."""
        line = self.context.line
        return (Span(line.name if line is not None else self.context.selected or "", Tone.STRONG),)

    def aside(self) -> Line:
        """Whether the newest event is followed, and whether audio is collapsed."""
        follows = self.panel.cursor.follows and not self.context.frozen
        parts = [Span(f"follow {'●' if follows else '○'}", Tone.OK if follows else Tone.DIM)]
        if self.size.width >= 100:
            parts.append(
                Span(f" · audio {'collapsed' if self.stream.collapsed else 'expanded'}", Tone.DIM)
            )
        return tuple(parts)

    def filter_text(self) -> str:
        """What `/` begins with."""
        return self.choosing.text

    def apply_filter(self, expression: str) -> None:
        """Show what matches. ValueError says what is wrong with it, and where."""
        try:
            self.choosing.filter_by(expression)
            self._complaint = ""
        except FilterError as error:
            self._complaint = str(error)
            raise
        finally:
            self._choose()

    def action_filter(self) -> None:
        """Open the line for a filter; names and values complete themselves."""
        self.prompt.open(
            "/", self.choosing.text, hint="turn:31  -type:conversation.*  lat>500  err  /re/"
        )
        self.prompt.query_one(Input).suggester = FilterSuggester(ENTRIES, self._values)

    def action_leave(self) -> None:
        """Back to the stream first."""
        if self.focused in (self._detail, self.flow):
            self._focus_pane(0)
        else:
            raise SkipAction

    def action_pane(self, step: int) -> None:
        """The next pane; in the line for a filter, take what is suggested."""
        if self.prompt.is_open:
            self.prompt.query_one(Input).action_cursor_right()
            return
        panes = self._panes
        index = panes.index(self.focused) if self.focused in panes else 0
        self._focus_pane((index + step) % len(panes))

    def action_open(self) -> None:
        """In the stream, go to the detail; in the ladder, go to the event in the stream."""
        if self.focused is not self.flow:
            self._focus_pane(1)
        elif (rung := self.flow.rung) is not None:
            self._jump(rung.entry.number)

    def action_move(self, lines: int) -> None:
        """Move in the pane that has the keys."""
        if self.focused in (self._detail, self.flow):
            pane = self._detail if self.focused is self._detail else self.flow
            pane.move(lines)
            return
        if lines >= END_LINES:
            self.panel.cursor.follow()
        else:
            self.panel.cursor.move(lines)
        self.redraw()

    def action_page(self, pages: int) -> None:
        """Move by what is seen at once."""
        rows = self.panel.page_rows if self.focused not in (self._detail, self.flow) else 10
        self.action_move(pages * rows)

    def action_follow(self) -> None:
        """Follow the newest event, or stay."""
        cursor = self.panel.cursor
        if cursor.follows:
            cursor.hold()
        else:
            cursor.follow()
        self.redraw()

    def action_seek(self, step: int) -> None:
        """Go to the next match or error."""
        wanted = self.choosing.lit or is_odd
        if self.panel.cursor.find(step, wanted):
            self.redraw()
        else:
            what = "match" if self.choosing.lit is not None else "error or warning"
            self.tell(f"no {what} {'after' if step > 0 else 'before'} this one")

    def action_problems(self) -> None:
        """Errors only, or all."""
        self.choosing.errors_only = not self.choosing.errors_only
        self._choose()

    def action_lit(self) -> None:
        """Show all and light what matches, or show what matches only."""
        self.choosing.shows_all = not self.choosing.shows_all
        self._choose()

    def action_saved(self, name: str) -> None:
        """A saved filter; the same again takes it away."""
        turn = self.turn
        if name == "turn" and turn is None:
            self.tell("the event belongs to no turn", refused=True)
            return
        text = {"errors": "err", "turn": f"turn:{turn}", "slow": "lat>800ms"}[name]
        self.apply_filter("" if text == self.choosing.text else text)

    def action_collapse(self) -> None:
        """Runs of audio as one row, or each row by itself."""
        self.stream.collapse(collapsed=not self.stream.collapsed)
        self.redraw()

    def action_open_turn(self) -> None:
        """Only this turn, or all again."""
        turn = self.turn
        if self.choosing.turn is None and turn is None:
            self.tell("the event belongs to no turn", refused=True)
            return
        kept = None if self.choosing.turn is not None else turn
        self.choosing.keep_turn(kept, self.stream.entries)
        self._choose()

    def action_words(self) -> None:
        """Hide what was said, or show it."""
        self.hides_words = not self.hides_words
        self.redraw()

    def on_stream_panel_chosen(self, event: StreamPanel.Chosen) -> None:
        """The mouse moved the cursor; a second click goes to the detail."""
        event.stop()
        self.redraw()
        if event.again:
            self._focus_pane(1)

    def on_listing_opened(self, event: LadderPanel.Opened) -> None:
        """A rung was clicked once more."""
        event.stop()
        if (rung := self.flow.rung) is not None:
            self._jump(rung.entry.number)

    @property
    def _panes(self) -> list[Widget]:
        return [self.panel, self._detail, self.flow]

    def _focus_pane(self, index: int) -> None:
        """Where there is room for one pane below, it is the one with the keys."""
        pane = self._panes[index]
        self.set_class(pane is self.flow, "-flow")
        pane.focus()

    def _jump(self, number: int) -> None:
        """Go to an event of the stream, if it is shown."""
        if not self.stream.shows(number):
            self.tell("the filter hides that event", refused=True)
            return
        self.panel.cursor.go(self.stream.index_of(number))
        self._focus_pane(0)
        self.redraw()

    def _choose(self) -> None:
        self.stream.choose(self.choosing.shown)
        self.redraw()

    def _show_stream(self) -> None:
        """Paint the rows in sight if any row changed, or how they are looked at."""
        if self.context.selected != self._key:
            self._key = self.context.selected
            self.panel.cursor.follow()
        changed = self.stream.feed(self.context.entries())
        look = self._new_look()
        if changed or look != self._look:
            self._look = look
            self.panel.show(look)

    def _new_look(self) -> StreamLook:
        line, marked = self.context.line, self.marked
        entries = self.stream.entries
        seen = entries[-1].number if entries else 0
        if line is not None:
            seen = max(seen, line.up.messages_total + line.down.messages_total)
        of_this = marked is not None and marked.key == self._key
        return StreamLook(
            offset_s=None if line is None else line.wall_offset,
            matches=self.choosing.lit,
            marked=frozenset({marked.entry}) if marked is not None and of_this else frozenset(),
            frozen=self.context.frozen,
            hides_words=self.hides_words,
            seen=seen,
        )

    def _show_selected(self) -> None:
        entry, turn = self.entry, self.turn
        shown = without_words(entry) if entry is not None and self.hides_words else entry
        offset = None if self._look is None else self._look.offset_s
        self._detail.show(DetailLook(shown, offset))
        near = None if entry is None else self.stream.place_of(entry.number)
        self.flow.show(LadderLook(turn, ladder(self.stream.entries, turn, near)))
        if entry is not None and self.focused is not self.flow:
            self.flow.point_at(entry)
        self._filter.show(
            FilterLook(
                self.choosing.text,
                errors_only=self.choosing.errors_only,
                shows_all=self.choosing.shows_all,
                turn=self.choosing.turn,
                complaint=self._complaint,
                saved=SAVED,
            )
        )
        marked = f"turn {self.marked.number}" if self.marked is not None else ""
        self._selection.show(SelectionLook(entry, self.hides_words, marked))

    def _values(self, name: str) -> Iterable[str]:
        """What a text field has now, most first: for completion."""
        field = ENTRIES.find(name)
        read = getattr(field, "read", None)
        if read is None or name in ("note", "detail"):
            return ()
        counts = Counter(value for entry in self.stream.entries for value in read(entry) if value)
        return [value for value, _ in counts.most_common(50)]
