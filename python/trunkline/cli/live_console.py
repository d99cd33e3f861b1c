"""The operator's console over a conversation of this process: made with it, shown when a key asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.errors import ConfigError
from trunkline.fleet.desk import FoldingDesk
from trunkline.fleet.part import Hearing
from trunkline.fleet.wishes import Faults

if TYPE_CHECKING:
    from trunkline.fleet.recorder import Recorder
    from trunkline.fleet.telemetry import Telemetry

__all__ = ["LiveConsole"]

_MISSING = "it needs the extra 'tui': pip install 'trunkline[tui]'"


class LiveConsole:
    """A desk that folds all along, so that the screens know the past of the call, too.

    Its keys do what they do in `trunkline demo`; `q` leaves the screens, and the conversation goes on.
    """

    def __init__(self, title: str, *, hears: bool, faults: Faults | None = None) -> None:
        self.desk = FoldingDesk(hears=Hearing.ALL if hears else Hearing.NOTHING)
        self.is_shown = False
        self._title = title
        self._faults = faults or Faults()

    def end(self, word: str) -> None:
        """The conversation is over, with this last word; a screen that is shown is left. From any thread."""
        self.desk.finish(word)

    def show(
        self,
        telemetry: Telemetry,
        *,
        recorder: Recorder | None = None,
        theme: str | None = None,
        ascii_only: bool = False,
    ) -> None:
        """Until the operator leaves, or it ended. Raises ConfigError if the console is not installed."""
        try:
            from trunkline.cli.own_controls import OwnControls
            from trunkline.cli.recording import DeskRecording
            from trunkline.devices.speaker import Speaker
            from trunkline.tui.app import run_console
        except ImportError:
            raise ConfigError("console", _MISSING) from None
        self.is_shown = True
        try:
            run_console(
                self.desk,
                OwnControls(self.desk, telemetry, self._faults, leave=_go_on),
                title=self._title,
                ascii_only=ascii_only,
                theme=theme,
                leave_when_finished=True,
                recording=DeskRecording(self.desk, self._title, lasting=recorder, messages=True),
                play=Speaker(),
            )
        finally:
            self.is_shown = False


def _go_on() -> None:
    """Leaving the screens ends nothing."""
