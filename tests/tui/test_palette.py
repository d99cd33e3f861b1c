from __future__ import annotations

import asyncio

from trunkline.tui.commands import COMMANDS
from trunkline.tui.palette import CommandFinder, SessionFinder
from tui.desks import SyntheticDesk
from tui.looking import look, screen_text, settle


def _found(finder, query=None, desk=None):
    async def script(app, pilot):
        provider = finder(app.screen)
        hits = provider.discover() if query is None else provider.search(query)
        return [(hit.text, hit.help) async for hit in hits]

    return look(script, desk=desk)


def test_all_commands_are_found_in_the_order_of_their_table():
    titles = [title.split(" ")[0] for title, _ in _found(CommandFinder)]
    assert titles == [command.name for command in COMMANDS][: len(titles)]
    assert len(titles) == 20


def test_a_command_is_found_by_a_part_of_its_name():
    assert ("reconnect", "Leave the link and dial again; asks first") in _found(
        CommandFinder, "recon"
    )


def test_sessions_are_found_by_name():
    assert [title for title, _ in _found(SessionFinder, "kiosk")] == ["session kiosk-12"]
    assert _found(SessionFinder, "kiosk")[0][1] == "gpt-realtime, waiting, lost"


def test_a_thousand_sessions_are_not_listed_before_anything_is_typed():
    assert len(_found(SessionFinder, desk=SyntheticDesk(lines=1000))) == 20


def test_without_a_fleet_there_is_no_session():
    assert _found(SessionFinder, desk=SyntheticDesk(nothing=True)) == []


def test_a_command_that_wants_something_opens_the_line_with_its_name():
    async def script(app, pilot):
        finder = CommandFinder(app.screen)
        run = next(run for title, _, run in finder.things() if title.startswith("sort"))
        run()
        await settle(pilot)
        return screen_text(app).splitlines()[-1]

    assert look(script).startswith(" : sort")


def test_a_command_that_wants_nothing_is_done():
    async def script(app, pilot):
        finder = CommandFinder(app.screen)
        run = next(run for title, _, run in finder.things() if title == "freeze")
        run()
        await settle(pilot)
        return app.context.frozen

    assert look(script) is True
    assert asyncio.iscoroutinefunction(CommandFinder.discover) is False
