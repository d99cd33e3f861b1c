"""The scripts that make the site, as modules."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from docs.blocks import ROOT

FOLDER = ROOT / "docs/website"


def script(name: str) -> ModuleType:
    """They import each other as scripts do, from their own folder."""
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    return importlib.import_module(name)
