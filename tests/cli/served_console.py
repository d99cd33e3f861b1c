"""A Textual application that says what it was given; the browser's tests serve it in place of the console."""

from __future__ import annotations

import os
import sys

from textual.app import App
from textual.widgets import Static


class Served(App):
    ENABLE_COMMAND_PALETTE = False

    def compose(self):
        yield Static("this is the console", id="words", markup=False)
        yield Static(f"size {os.environ['COLUMNS']}x{os.environ['ROWS']}", markup=False)

    def on_key(self, event):
        self.query_one("#words", Static).update(f"key {event.key}")
        if event.key == "x":
            raise RuntimeError("\x1b]0;title\x07 it broke")

    def on_resize(self, event):
        self.query(Static).last(Static).update(f"size {event.size.width}x{event.size.height}")


if __name__ == "__main__":
    if "--deaf" in sys.argv:
        import signal

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Served.exit = lambda *_args, **_kwargs: None
    Served().run()
