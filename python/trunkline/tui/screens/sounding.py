"""The keys of a turn's sound: as a file, and to be listened to."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from trunkline.tui.exports.exporter import Exporter
from trunkline.tui.exports.folder import Folder
from trunkline.tui.exports.sound import both_sides
from trunkline.tui.numbers import seconds
from trunkline.tui.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from trunkline.tui.context import Context
    from trunkline.tui.exports.folder import Shelf

__all__ = ["SoundKeys"]


class SoundKeys(Page):
    """Which turn is meant is its subclasses' to say. Without sound of it, the operator is told how to get some."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "wav", "wav", tooltip="Write the sound of a turn as a WAV file"),
        Binding("p", "play", "play", tooltip="Play the sound of a turn, or stop it"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.shelf: Shelf = Folder()
        """Where exports go."""

    def with_turn(self, deed: Callable[[int], None]) -> None:
        """Do it with the turn that is meant, maybe after a question."""
        raise NotImplementedError

    def tell(self, words: str, *, refused: bool = False) -> None:
        """Say something for a few seconds."""
        severity = "warning" if refused else "information"
        self.app.notify(words, severity=severity, timeout=5, markup=False)  # type: ignore[arg-type]

    @property
    def exporter(self) -> Exporter:
        """For what is shown now."""
        return Exporter(self.context, self.shelf)

    def action_wav(self) -> None:
        """Write the sound of a turn, or say why not."""
        self.with_turn(self._write_turn)

    def action_play(self) -> None:
        """Play the sound of a turn, or stop what plays."""
        if self.context.listening.is_on:
            self.context.listening.end()
            self.tell("stopped")
        else:
            self.with_turn(self._play_turn)

    def _write_turn(self, turn: int) -> None:
        try:
            self.tell(f"written to {self.exporter.sound(turn)}")
        except ValueError as error:
            self.tell(str(error), refused=True)

    def _play_turn(self, turn: int) -> None:
        try:
            sound = self.exporter.sound_of(turn)
            pcm = both_sides(sound)
            self.context.listening.begin(pcm, sound.rate_hz, failed=self._failed)
        except ValueError as error:
            self.tell(str(error), refused=True)
        else:
            self.tell(f"playing turn {turn}, {seconds(len(pcm) / 4 / sound.rate_hz)}; p stops")

    def _failed(self, words: str) -> None:
        """In the thread that plays; a console that has been left hears nothing of it."""
        with contextlib.suppress(RuntimeError):
            self.app.call_later(partial(self.tell, words, refused=True))
