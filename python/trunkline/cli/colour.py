"""Whether anything is coloured: `--color`, then NO_COLOR, then FORCE_COLOR, then what files say.

Screens, the status line and the libraries below all ask NO_COLOR, each in its own way; so that is what is set.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["VARIABLE", "is_colour_said", "obeying_colour"]

VARIABLE = "TRUNKLINE_COLOR"
"""`auto`, `always` or `never`; set by `--color`, too."""
_NAMES = ("NO_COLOR", "FORCE_COLOR")


def is_colour_said() -> bool:
    """Whether the variables that all programs know say something; an empty one does not (no-color.org)."""
    return any(os.environ.get(name) for name in _NAMES)


@contextlib.contextmanager
def obeying_colour() -> Iterator[None]:
    """Settles it for as long as the command runs, for its processes, too."""
    before = {name: os.environ.pop(name, None) for name in _NAMES}
    os.environ.update(_settled(before))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _settled(before: dict[str, str | None]) -> dict[str, str]:
    wanted = os.environ.get(VARIABLE, "")
    if wanted == "never":
        return {"NO_COLOR": "1"}
    if wanted == "always":
        return {"FORCE_COLOR": "1"}
    said = next((name for name in _NAMES if before[name]), None)
    return {} if said is None else {said: before[said] or ""}
