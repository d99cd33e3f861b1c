"""What the command palette finds: all commands, and sessions by name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from trunkline.tui.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trunkline.tui.app import ConsoleApp

__all__ = ["CommandFinder", "SessionFinder"]

_MOST_SESSIONS = 20


class _Finder(Provider):
    """Finds among things that have a title, words of help, and something to run."""

    def things(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """All there are."""
        raise NotImplementedError

    async def discover(self) -> Hits:
        """What is there before anything is typed."""
        for number, (title, words, run) in enumerate(self.things()):
            if number < _MOST_SESSIONS:
                yield DiscoveryHit(title, run, text=title, help=words)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for title, words, run in self.things():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), run, text=title, help=words)

    @property
    def console(self) -> ConsoleApp:
        """The application, as what it is."""
        return cast("ConsoleApp", self.app)


class CommandFinder(_Finder):
    """The commands of `:`; one that wants something opens the line with its name typed."""

    def things(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """In the order of the table."""
        for command in COMMANDS:
            wants = command.argument and not command.optional
            run = (
                partial(self.console.type_command, f"{command.name} ")
                if wants
                else partial(command.run, self.console, "")
            )
            title = f"{command.name} {command.argument}…" if wants else command.name
            yield title, command.words, run


class SessionFinder(_Finder):
    """The sessions by name."""

    def things(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """In the order in which they came."""
        fleet = self.console.context.fleet
        for row in () if fleet is None else fleet.rows:
            words = f"{row.model or 'no model yet'}, {row.state}, {row.grade}"
            yield f"session {row.name}", words, partial(self.console.open_key, row.key)
