"""The keys of a recording that is played: speed, pause, back and forth."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from trunkline.tui.widgets.playback import SPEEDS, next_speed

if TYPE_CHECKING:
    from typing import Any

    from textual.binding import BindingType

    from trunkline.telemetry.desk import Playback
    from trunkline.tui.context import Context

__all__ = ["PlayingKeys", "moment"]

_STEP_SECONDS = 10.0
_DAY_SECONDS = 86_400


def moment(text: str, playback: Playback) -> float:
    """`+30` and `-30` from where it is, `14:32:05` on the day of its beginning. ValueError for anything else."""
    try:
        if text[:1] in "+-":
            return playback.position + float(text)
        parts = [int(part) for part in text.split(":")]
    except ValueError:
        raise ValueError(f"{text!r} is no moment: +30, -30 or 14:32:05") from None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + part
    midnight = playback.begins_at // _DAY_SECONDS * _DAY_SECONDS
    at = midnight + seconds
    return at if at >= playback.begins_at - 1 else at + _DAY_SECONDS


class PlayingKeys:
    """The part of the application that moves a recording; of live lines these keys say that there is none."""

    KEYS: ClassVar[list[BindingType]] = [
        Binding(
            "less_than_sign", "seek_by(-1)", "back", tooltip="Ten seconds back, of a recording"
        ),
        Binding(
            "greater_than_sign", "seek_by(1)", "forth", tooltip="Ten seconds on, of a recording"
        ),
        Binding("comma", "change_speed(-1)", "slower", tooltip="Play the recording slower"),
        Binding("full_stop", "change_speed(1)", "faster", tooltip="Play the recording faster"),
    ]

    if TYPE_CHECKING:
        context: Context

        @property
        def page(self) -> Any:
            """The page on top."""

    _speed_before = 1.0

    def action_seek_by(self, step: int) -> None:
        """Back or forth."""
        if (playback := self.context.desk.playback) is not None:
            self._seek(playback, playback.position + step * _STEP_SECONDS)

    def action_change_speed(self, step: int) -> None:
        """The next faster or slower."""
        if (playback := self.context.desk.playback) is not None:
            playback.play(next_speed(playback.speed or self._speed_before, step))
            self._drawn()

    def play_at(self, text: str) -> None:
        """So many times faster. ValueError says why not."""
        playback = self._recording()
        try:
            speed = float(text.removesuffix("x"))
        except ValueError:
            raise ValueError(f"{text!r} is no speed: 0.25 to {SPEEDS[-1]:g}, or 0") from None
        if not 0 <= speed <= SPEEDS[-1]:
            raise ValueError(f"speeds go from 0 to {SPEEDS[-1]:g}")
        playback.play(speed)
        self._drawn()

    def seek_to(self, text: str) -> None:
        """Go to a moment. ValueError says why not."""
        playback = self._recording()
        self._seek(playback, moment(text, playback))

    def toggle_pause(self) -> bool:
        """Pause a recording, or let it go on; whether there is one."""
        playback = self.context.desk.playback
        if playback is None:
            return False
        if playback.speed:
            self._speed_before = playback.speed
        playback.play(0.0 if playback.speed else self._speed_before)
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of a recording are bound only where one plays."""
        del parameters
        return action not in ("seek_by", "change_speed") or self.context.desk.playback is not None

    def _recording(self) -> Playback:
        playback = self.context.desk.playback
        if playback is None:
            raise ValueError("nothing plays: these lines are live")
        return playback

    def _seek(self, playback: Playback, position: float) -> None:
        playback.seek(min(max(position, playback.begins_at), playback.ends_at))
        self._drawn()

    def _drawn(self) -> None:
        if self.page is not None:
            self.page.redraw()
