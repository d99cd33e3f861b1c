"""The reference: pages made from docstrings, for the modules that docs/reference.md names and for the command line.

A name has its entry on the first page that exports it, in the order of that table; where it is exported again, it is
one line and a link. Docstrings are Markdown already.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import inspect
import re
import textwrap
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trunkline.cli.main import trunkline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs/reference.md"
_MODULE = re.compile(r"\]\(\.\./python/(trunkline[\w/]*)\.py\)")
_LONG = 90


def modules() -> list[str]:
    """The public modules, in the order of docs/reference.md."""
    found = _MODULE.findall(TABLE.read_text(encoding="utf-8"))
    return [name.removesuffix("/__init__").replace("/", ".") for name in found]


def path_of(module: str) -> str:
    """Where a module's page stands."""
    return f"docs/reference/{module}.md"


def pages() -> dict[str, str]:
    """All pages by their path."""
    homes: dict[int, tuple[str, str]] = {}
    made = {path_of(name): _page(name, homes) for name in modules()}
    return made | {"docs/reference/command-line.md": command_line()}


def _page(name: str, homes: dict[int, tuple[str, str]]) -> str:
    module = import_module(name)
    parts = [f"# {name}", inspect.getdoc(module) or ""]
    for exported in module.__all__:
        value = getattr(module, exported)
        key = id(value) if callable(value) else hash((name, exported))
        if key in homes:
            page, anchor = homes[key]
            parts.append(
                f"## `{exported}` {{ #{exported} }}\n\nThe same as [{page}.{anchor}]({page}.md#{anchor})."
            )
            continue
        homes[key] = (name, exported)
        parts += _entry(module, exported, value)
    return "\n\n".join(part for part in parts if part) + "\n"


def _entry(module: ModuleType, name: str, value: Any) -> list[str]:
    heading = f"## `{name}` {{ #{name} }}"
    if inspect.isclass(value):
        return [
            heading,
            _signature(name, value),
            _doc(value),
            *_fields(value),
            *_members(name, value),
        ]
    if callable(value) and hasattr(value, "__name__"):
        return [heading, _signature(name, value), _doc(value)]
    told = _told_in(module).get(name, "")
    return [heading, f"```python\n{_short(f'{name} = {value!r}')}\n```", told]


def _doc(value: Any) -> str:
    own = value.__dict__.get("__doc__") if inspect.isclass(value) else value.__doc__
    return inspect.cleandoc(own) if own else ""


def _signature(name: str, value: Any) -> str:
    """As it is called, on one line or with a parameter on each; empty where there is nothing to call."""
    if inspect.isclass(value) and issubclass(value, enum.Enum):
        return ""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    parameters = list(_parameters(signature))
    result = "" if inspect.isclass(value) else _result(signature)
    text = f"{name}({', '.join(parameters)}){result}"
    if len(text) > _LONG:
        text = "\n".join([f"{name}(", *(f"    {one}," for one in parameters), f"){result}"])
    prefix = "async def " if inspect.iscoroutinefunction(value) else ""
    return f"```python\n{prefix}{text}\n```"


def _parameters(signature: inspect.Signature) -> Iterator[str]:
    star = False
    for one in signature.parameters.values():
        if one.name == "self":
            continue
        if one.kind is one.KEYWORD_ONLY and not star:
            star = True
            yield "*"
        star = star or one.kind is one.VAR_POSITIONAL
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        kind = "" if one.annotation is one.empty else f": {_named(one.annotation)}"
        yield f"{stars}{one.name}{kind}{_default(one)}"


def _default(parameter: inspect.Parameter) -> str:
    value = parameter.default
    if value is parameter.empty:
        return ""
    if isinstance(value, enum.Enum):
        return f" = {type(value).__name__}.{value.name}"
    text = repr(value)
    return f" = {'…' if text.startswith('<') else text}"


def _result(signature: inspect.Signature) -> str:
    kind = signature.return_annotation
    return "" if kind is signature.empty else f" -> {_named(kind)}"


def _named(kind: Any) -> str:
    if isinstance(kind, str):
        return kind
    return getattr(kind, "__forward_arg__", None) or inspect.formatannotation(kind)


def _short(text: str) -> str:
    return text if len(text) <= 2 * _LONG else f"{text[: 2 * _LONG]}…"


def _fields(value: type) -> list[str]:
    """Rows of what an object holds: fields of a dataclass, keys of a dictionary, members of an enumeration."""
    told = _told_in(value)
    if issubclass(value, enum.Enum):
        rows = [f"| `{one.name}` | `{one.value!r}` | {told.get(one.name, '')} |" for one in value]
        head = "| member | value | |"
    elif dataclasses.is_dataclass(value):
        rows = [
            f"| `{one.name}` | `{_type(one.type)}` | {told.get(one.name, '')} |"
            for one in dataclasses.fields(value)
            if not one.name.startswith("_")
        ]
        head = "| field | type | |"
    elif hasattr(value, "__required_keys__"):
        rows = [
            f"| `{key}` | `{_type(kind)}` | {told.get(key, '')} |"
            for key, kind in value.__annotations__.items()
        ]
        head = "| key | type | |"
    else:
        return []
    return ["\n".join([head, "|---|---|---|", *rows])] if rows else []


def _type(kind: Any) -> str:
    return _named(kind).replace("|", "\\|")


def _members(owner: str, value: type) -> list[str]:
    """Methods and properties that are the class's own, in the order of its source."""
    parts: list[str] = []
    for name, member in value.__dict__.items():
        if name.startswith("_"):
            continue
        function = member
        if isinstance(member, staticmethod | classmethod):
            function = member.__func__
        if isinstance(member, property):
            parts += [f"### `{owner}.{name}` {{ #{owner}.{name} }}", _doc(member)]
        elif inspect.isfunction(function):
            call = getattr(value, name) if isinstance(member, classmethod) else function
            heading = f"### `{owner}.{name}` {{ #{owner}.{name} }}"
            parts += [heading, _signature(name, call), _doc(function)]
    return parts


def _told_in(value: Any) -> dict[str, str]:
    """The strings that stand below assignments, by the names assigned."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(value)))
    except (OSError, TypeError):
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else tree.body
    told = {}
    for one, following in pairwise(body):
        target = one.target if isinstance(one, ast.AnnAssign) else None
        target = one.targets[0] if isinstance(one, ast.Assign) else target
        is_told = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
        if isinstance(target, ast.Name) and is_told:
            text = inspect.cleandoc(str(following.value.value))
            told[target.id] = " ".join(text.split()).replace("|", "\\|")
    return told


def command_line() -> str:
    """What `--help` says of every command."""
    context = click.Context(
        trunkline, info_name="trunkline", max_content_width=100, terminal_width=100
    )
    parts = ["# The command line", f"```text\n{trunkline.get_help(context)}\n```"]
    for name in trunkline.list_commands(context):
        command = trunkline.get_command(context, name)
        assert command is not None
        inner = click.Context(
            command, info_name=name, parent=context, max_content_width=100, terminal_width=100
        )
        parts += [f"## trunkline {name} {{ #{name} }}", f"```text\n{command.get_help(inner)}\n```"]
    return "\n\n".join(parts) + "\n"
