"""What the operator wishes of a line: each wish is asked about before it goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from trunkline.tui.controls import Action
from trunkline.tui.screens.choice import ChoiceScreen
from trunkline.tui.screens.confirm import CONSEQUENCES, ConfirmScreen

if TYPE_CHECKING:
    from typing import Any

    from textual.binding import BindingType

    from trunkline.tui.context import Context
    from trunkline.tui.page import Page

__all__ = ["WishingKeys"]


class WishingKeys:
    """The part of the application that asks, refuses and hands over."""

    KEYS: ClassVar[list[BindingType]] = [
        Binding(
            "R", "wish('reconnect')", "reconnect", tooltip="Reconnect the line now; asks first"
        ),
        Binding("K", "wish('close')", "close", tooltip="Close the line; asks first"),
        Binding("d", "fault_menu", "faults", tooltip="What the simulator can do to the line"),
    ]

    if TYPE_CHECKING:
        context: Context

        @property
        def page(self) -> Page | None:
            """The page on top."""

        push_screen: Any
        tell: Any
        attempt: Any
        name_of: Any

    def action_wish(self, name: str) -> None:
        """Ask whether it is meant."""
        self.attempt(lambda: self.ask_for(Action(name)))

    def ask_for(self, action: Action) -> None:
        """Ask, then hand over. ValueError says why not."""
        key = self._subject()
        if refusal := self.context.refusal:
            raise ValueError(refusal)
        controls = self.context.controls
        name = self.name_of(key)
        if action not in controls.allowed(key):
            raise ValueError(f"{name}: {action.value} is not possible now")

        def answered(yes: bool | None) -> None:
            if yes:
                controls.act(key, action)
                self.tell(f"{name}: {action.value}")

        self.push_screen(
            ConfirmScreen(
                f"{action.value} {name}?", CONSEQUENCES[action], ascii_only=self.context.ascii_only
            ),
            answered,
        )

    def action_fault_menu(self) -> None:
        """Show what the simulator can do."""
        self.attempt(lambda: self.make_fault(""))

    def make_fault(self, name: str) -> None:
        """Let the simulator do it; without a name, show the menu. ValueError says why not."""
        key = self._subject()
        controls = self.context.controls
        faults = controls.faults(key)
        if not faults:
            raise ValueError("only a simulator's link may be broken on purpose")
        if not name:
            menu = ChoiceScreen(
                f"What happens to {self.name_of(key)}", faults, ascii_only=self.context.ascii_only
            )
            self.push_screen(menu, lambda chosen: self._make(key, chosen))
        elif name in faults:
            self._make(key, name)
        else:
            raise ValueError(f"the faults are {', '.join(faults)}")

    def _make(self, key: str, fault: str | None) -> None:
        if fault is not None:
            self.context.controls.fault(key, fault)
            self.tell(f"{self.name_of(key)}: {fault}")

    def _subject(self) -> str:
        key = None if self.page is None else self.page.line_key()
        if key is None:
            raise ValueError("there is no line to do it to")
        if self.context.desk.finished() is not None:
            raise ValueError("the run is over")
        return key
