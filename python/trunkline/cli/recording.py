"""Recordings that an operator begins and ends in the console: of all that its desk sees, into the folder of exports."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trunkline.fleet.recorder import Recorder
from trunkline.tui.exports.folder import Folder, file_name

if TYPE_CHECKING:
    from trunkline.fleet.desk import FoldingDesk

__all__ = ["DeskRecording"]


class DeskRecording:
    """A `tui.recording.Recording`.

    `lasting` was begun with the console, by `--record`: it goes on as long, so that no key ends it by accident.
    """

    def __init__(
        self,
        desk: FoldingDesk,
        name: str,
        *,
        lasting: Recorder | None = None,
        messages: bool = False,
        folder: Folder | None = None,
    ) -> None:
        self._desk = desk
        self._name = name
        self._lasting = lasting
        self._messages = messages
        self._folder = folder or Folder()
        self._recorder = lasting

    def recorded_s(self) -> float | None:
        """For how long it has been recording; None if it is not."""
        return None if self._recorder is None else self._recorder.recorded_s()

    def toggle(self, now_unix: float | None) -> str:
        """Begins a recording in a new file, or ends it."""
        recorder = self._recorder
        seconds = self.recorded_s()
        if recorder is None or seconds is None:
            return self._begin(time.time() if now_unix is None else now_unix)
        if recorder is self._lasting:
            return f"recording for {seconds:.0f} s to {recorder.path}, as long as this console runs"
        self._desk.leave(recorder)
        self._recorder = None
        return f"recorded {seconds:.0f} s to {recorder.path}"

    def news(self) -> str | None:
        """Once, that the disk took no more."""
        if self._recorder is None or self._recorder.failure is None:
            return None
        failure, self._recorder = self._recorder.failure, None
        return failure

    def _begin(self, now: float) -> str:
        try:
            path = self._folder.free(file_name(self._name, "recording", now, "tlrec"))
        except OSError as error:
            raise ValueError(f"no recording: {error.strerror or error}") from None
        recorder = Recorder(path, messages=self._messages)
        self._desk.join(recorder)
        self._recorder = recorder
        return f"recording to {path}; r ends it"
