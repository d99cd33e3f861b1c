"""The screens by name; each is imported when it is opened for the first time."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from trunkline.tui.context import Context
    from trunkline.tui.page import Page

__all__ = ["PAGES", "make_page"]

PAGES: dict[str, tuple[str, str]] = {
    "fleet": ("trunkline.tui.screens.fleet", "FleetScreen"),
    "session": ("trunkline.tui.screens.session", "SessionScreen"),
    "alerts": ("trunkline.tui.screens.alerts", "AlertsScreen"),
    "events": ("trunkline.tui.screens.events", "EventsScreen"),
}
"""Module and class; the class takes the context, and nothing else."""


def make_page(name: str, context: Context) -> Page:
    """A new page of this name; KeyError if there is none, ImportError if it is not part of this build."""
    module, kind = PAGES[name]
    return cast("Page", getattr(import_module(module), kind)(context))
