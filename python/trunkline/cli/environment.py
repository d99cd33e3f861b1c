"""What of our environment a child of ours gets: what a program needs, and no secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["environment"]

_KEPT = frozenset(
    {
        "HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "NO_COLOR", "PATH", "PYTHONHOME", "PYTHONPATH",
        "SHELL", "SYSTEMROOT", "TEMP", "TEXTUAL_THEME", "TMP", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV",
    }
)  # fmt: skip
"""What a program needs to be found, to run and to speak the user's language."""
_KEPT_PREFIXES = ("LC_", "XDG_", "TRUNKLINE_")
# Of those with a prefix anybody may invent one that holds a secret; words as they stand between underscores.
_SECRET = re.compile(
    r"(?:^|_)(?:API_?KEY|KEYS?|TOKENS?|SECRETS?|PASS(?:WORD|WD|PHRASE)?|CREDENTIALS?|AUTH(?:ORIZATION)?|COOKIES?"
    r"|HEADERS|PUBLISH)(?:_|$)|^OPENAI|^AZURE|^AWS",
    re.IGNORECASE,
)


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """What of our environment a child gets: names that are listed, and no secret whatever its name begins with."""
    return {
        name: value
        for name, value in variables.items()
        if (name in _KEPT or name.startswith(_KEPT_PREFIXES)) and not _SECRET.search(name)
    }
