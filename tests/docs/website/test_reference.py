"""No public name is without an entry in the reference."""

from __future__ import annotations

import ast
import importlib
import inspect
import re

import pytest

import trunkline
from docs.blocks import ROOT, blocks, pages
from docs.website.scripts import script

reference = script("reference")
PAGES = reference.pages()
MODULES = reference.modules()


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_has_an_entry_that_says_something(module):
    page = PAGES[reference.path_of(module)]
    for name in importlib.import_module(module).__all__:
        assert f"## `{name}` {{ #{name} }}" in page, f"{module}.{name} has no entry"


@pytest.mark.parametrize("name", sorted(trunkline.__all__))
def test_every_name_of_the_package_itself_is_told_on_its_first_page(name):
    page = PAGES["docs/reference/trunkline.md"]
    entry = page.split(f"## `{name}` {{ #{name} }}\n")[1].split("\n## ")[0]
    assert name == "__version__" or re.search(
        r"^[A-Z].*\w", re.sub(r"```.*?```", "", entry, flags=re.DOTALL), re.MULTILINE
    )


def test_methods_stand_below_their_class_with_what_they_take():
    page = PAGES["docs/reference/trunkline.md"]
    methods = [name for name, one in vars(trunkline.Line).items() if inspect.isfunction(one)]
    for name in methods:
        assert name.startswith("_") or f"### `Line.{name}` {{ #Line.{name} }}" in page
    assert "drain(*, within: float | None = None) -> Future[None]" in page
    assert "| `retention_ms` | `int` |" in PAGES["docs/reference/trunkline.protocol.policy.md"]
    assert "| `LIVE` | `'live'` |" in PAGES["docs/reference/trunkline.protocol.lifecycle.md"]


def test_a_name_that_is_exported_twice_is_told_once():
    page = PAGES["docs/reference/trunkline.errors.md"]
    assert "The same as [trunkline.LineFailed](trunkline.md#LineFailed)." in page


def test_every_command_is_there_with_its_help():
    page = PAGES["docs/reference/command-line.md"]
    assert re.findall(r"^## trunkline (\w+)", page, re.MULTILINE) == sorted(
        re.findall(r"^  (\w+)  ", page.split("Commands:")[1].split("```")[0], re.MULTILINE)
    )
    assert "--headless" in page


def _imported() -> set[str]:
    """The modules of ours that what is shown to readers imports."""
    shown = [one.text for page in pages() for one in blocks(page) if one.language == "python"]
    shown += [path.read_text(encoding="utf-8") for path in (ROOT / "examples").glob("*.py")]
    found = set()
    for text in shown:
        wrapped = f"async def _():\n{re.sub('^', '    ', text, flags=re.MULTILINE)}"
        for node in ast.walk(ast.parse(wrapped)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trunkline"):
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                # `from trunkline.protocol import events` is the module behind it.
                found |= {one for one in names if one in MODULES} or {node.module}
    return found


def test_what_pages_import_is_public():
    assert _imported() - set(MODULES) == set()
