"""The extension's stub says what the extension says."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import trunkline
from trunkline import _native


def stub() -> ast.Module:
    return ast.parse((Path(trunkline.__path__[0]) / "_native.pyi").read_text())


def here(node: ast.Module | ast.ClassDef) -> list[ast.stmt]:
    """What the stub says of this machine's extension: not every system has all of it."""
    found = []
    for child in node.body:
        if isinstance(child, ast.If):
            is_so = eval(ast.unparse(child.test), {"sys": sys})
            found += child.body if is_so else child.orelse
        else:
            found.append(child)
    return found


def documented(
    node: ast.Module | ast.ClassDef, owner: object
) -> list[tuple[str, str | None, str | None]]:
    found = []
    for child in here(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("__"):
            member = getattr(owner, child.name)
            first = (member.__doc__ or "").partition("\n")[0]
            found.append((child.name, ast.get_docstring(child), first.replace("\u2019", "'")))
            if isinstance(child, ast.ClassDef):
                found += documented(child, member)
    return found


def test_every_docstring_of_the_stub_begins_as_the_extension_s_own():
    for name, written, compiled in documented(stub(), _native):
        if compiled:
            assert written is not None, name
            assert written.partition("\n")[0] == compiled, name


def test_the_stub_lists_every_public_name_of_the_extension():
    written = {
        node.name for node in here(stub()) if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    assert written == {name for name in dir(_native) if not name.startswith("_")}
