"""The terminal of a console that is a pipe: to a page in a browser, and nobody at its end once the server is gone.

Textual's own driver stops reading at the end of its input and lets the application go on, which nobody would ever see
or end. Here the end of the input is the end of the console.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import messages
from textual.drivers.web_driver import WebDriver

if TYPE_CHECKING:
    from textual.app import App

__all__ = ["RemoteDriver"]


class RemoteDriver(WebDriver):
    """Named to Textual by TEXTUAL_DRIVER."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._write = partial(self._write_while_read)

    def run_input_thread(self) -> None:
        """Read until the pipe ends, and end with it."""
        super().run_input_thread()
        self._app.post_message(messages.ExitApp())

    def _write_while_read(self, data: bytes) -> int:
        """The last words of a console whose server is gone are said to nobody, which is no error."""
        try:
            return os.write(self.fileno, data)
        except BrokenPipeError:
            return len(data)
