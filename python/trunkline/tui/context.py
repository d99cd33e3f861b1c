"""What all screens of a console share: what is read, what may be wished, and how it is looked at."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.text import Clean
from trunkline.tui.footprint import Footprint
from trunkline.tui.glyphs import Glyphs
from trunkline.tui.listening import Listening
from trunkline.tui.recording import NoRecording

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trunkline.telemetry.desk import Desk
    from trunkline.telemetry.entry import Entry
    from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow
    from trunkline.telemetry.snapshot import LineSnapshot
    from trunkline.tui.controls import Controls
    from trunkline.tui.recording import Recording

__all__ = ["SILENT_SECONDS", "WINDOWS_S", "Context"]

WINDOWS_S = (30, 60, 300, 900, 3600)
"""The time windows that `+` and `-` step through."""

SILENT_SECONDS = 2.0
"""From when on a missing snapshot is told: twenty ticks, far beyond any jitter of the hand-over."""

_NOTHING = Clean("")
_RECORDED = "what was recorded cannot be changed"
_LOOKING = "this console only looks; --allow-control lets it act on lines whose process allows it"


@dataclass(slots=True, kw_only=True)
class Context:
    """One per console. What is shown stands still while frozen; the desk goes on."""

    desk: Desk
    controls: Controls
    title: Clean = _NOTHING
    glyphs: Glyphs = Glyphs.BRAILLE
    clock: Callable[[], float] = time.monotonic
    """Seconds, for how long nothing came; every time that is shown comes from snapshots."""
    recording: Recording = field(default_factory=NoRecording)
    footprint: Callable[[], str] = field(default_factory=lambda: Footprint().words)
    """What the console costs, in words."""
    listening: Listening = field(default_factory=Listening)
    """What plays the sound of a turn."""
    window_s: int = 300
    filter_text: str = ""
    """Of the fleet; the inspector has its own."""
    selected: str | None = None
    """Key of the line whose details are wanted."""
    frozen: bool = False
    fleet: FleetSnapshot | None = None
    """As shown."""
    line: LineSnapshot | None = None
    """Of the selected line, as shown; None before the first."""
    order: tuple[str, ...] = ()
    """Keys of the lines as the fleet lists them: what `[` and `]` step through."""
    _held: Sequence[Entry] = field(default=(), init=False)
    _newest: tuple[FleetSnapshot | None, LineSnapshot | None] = field(
        default=(None, None), init=False
    )
    _changed_at: float | None = field(default=None, init=False)

    @property
    def ascii_only(self) -> bool:
        """Whether no sign beyond ASCII may be shown."""
        return self.glyphs is Glyphs.ASCII

    @property
    def refusal(self) -> str:
        """Why no line can be acted on from here, and what would change that; nothing if lines can be."""
        if self.desk.playback is not None:
            return _RECORDED
        return _LOOKING if self.controls.read_only else ""

    @property
    def at(self) -> float | None:
        """Unix seconds of what is shown; None before anything is."""
        return None if self.fleet is None else self.fleet.at

    @property
    def silent_s(self) -> float:
        """For how long nothing new came."""
        return 0.0 if self._changed_at is None else self.clock() - self._changed_at

    @property
    def row(self) -> LineRow | None:
        """The selected line as the fleet has it."""
        rows = () if self.fleet is None else self.fleet.rows
        return next((row for row in rows if row.key == self.selected), None)

    def read(self) -> None:
        """Take the newest from the desk; what is shown follows unless it is frozen."""
        line = self.desk.line()
        newest = (
            self.desk.fleet(),
            line if line is not None and line.key == self.selected else None,
        )
        if self._changed_at is None or any(
            new is not old for new, old in zip(newest, self._newest, strict=True)
        ):
            self._changed_at = self.clock()
        self._newest = newest
        if not self.frozen:
            self.fleet, self.line = newest

    def entries(self) -> Sequence[Entry]:
        """The inspector's lines of the selected line, as shown."""
        return self._held if self.frozen else self.desk.entries()

    def freeze(self, *, frozen: bool) -> None:
        """Hold what is shown, or let it go on."""
        self.frozen = frozen
        self._held = tuple(self.desk.entries()) if frozen else ()
        self.read()

    def select(self, key: str | None) -> None:
        """From now on the details of this line are wanted; a display that stood still goes on."""
        if key == self.selected:
            return
        self.selected = key
        self.desk.watch(key)
        self.frozen, self.line = False, None
        self.read()

    def widen(self, steps: int) -> int:
        """Step to a longer window, or a shorter one if negative; gives its seconds."""
        index = WINDOWS_S.index(self.window_s) + steps
        self.look_over(WINDOWS_S[min(max(index, 0), len(WINDOWS_S) - 1)])
        return self.window_s

    def look_over(self, window_s: int) -> None:
        """Percentiles and shares are wanted over this window, one of `WINDOWS_S`."""
        self.window_s = window_s
        self.desk.window(window_s)
