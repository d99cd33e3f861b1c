"""The soak, compiled: the same lives to the bit for about half the processor time.

    python benches/reliability/compiled.py DIR
    PYTHONPATH=DIR python -m trunkline soak --hours 50 --seed 1 --jobs 1 --json

Copies the package into DIR and compiles what a simulated life runs (the core, the simulator's engine, the soak) with
mypyc, which comes with mypy; it wants a C compiler and Python's headers, and takes five minutes of a core. Nothing
that is shipped is compiled like this. That it is the same is shown by the trace hash of any seed.

mypyc looks up the annotations of a dataclass's fields when the class is made, where a name that is imported for the
type checker alone does not exist: in the copy such a field is of any type.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "python"
# Their classes are raised or subclassed by code that stays as it is.
LEFT_OUT = {"__init__.py", "errors.py", "campaign.py"}
REACHED = """
import sys, trunkline.soak.stage
names = [one.__file__ for name, one in sys.modules.items() if name.startswith("trunkline.")]
print("\\n".join(name for name in names if name.endswith(".py")))
"""
BUILD = """
import sys
from mypyc.build import mypycify
from setuptools import setup
modules, sys.argv = sys.argv[1:], ["setup.py", "build_ext", "--inplace"]
flags = ["--follow-imports=silent", "--ignore-missing-imports"]
setup(name="compiled", ext_modules=mypycify([*flags, *modules], opt_level="2", debug_level="0", multi_file=True))
"""


def for_the_checker(tree: ast.Module) -> set[str]:
    """Names that exist only for the type checker; and `object`, which is looked for in the module, too."""
    blocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    ]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for one in imports for alias in one.names} | {"object"}


def fields(tree: ast.Module) -> list[tuple[ast.ClassDef, ast.AnnAssign]]:
    """Of all dataclasses."""
    return [
        (node, field)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any("dataclass" in ast.dump(one) for one in node.decorator_list)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
    ]


def loosened(source: str) -> str:
    """The source with fields of any type where the type is not there at run time."""
    tree = ast.parse(source)
    missing = for_the_checker(tree)
    lines = source.split("\n")
    later = {node.name: node.lineno for node in tree.body if isinstance(node, ast.ClassDef)}
    wrong = [
        field.annotation
        for owner, field in fields(tree)
        for names in [{one.id for one in ast.walk(field.annotation) if isinstance(one, ast.Name)}]
        if "ClassVar" not in names
        and (names & missing or any(later.get(name, 0) >= owner.lineno for name in names))
    ]
    for one in sorted(wrong, key=lambda one: -one.lineno):
        line = lines[one.lineno - 1]
        lines[one.lineno - 1] = f"{line[: one.col_offset]}Any{line[one.end_col_offset :]}"
    first = "from __future__ import annotations\n"
    text = "\n".join(lines)
    return text.replace(first, f"{first}from typing import Any\n", 1) if wrong else text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    target = parser.parse_args().directory.resolve()
    shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("__pycache__"))
    told = subprocess.run(
        [sys.executable, "-c", REACHED], cwd=target, capture_output=True, text=True, check=True
    )
    modules = [
        str(path.relative_to(target))
        for path in map(Path, told.stdout.split())
        if path.name not in LEFT_OUT and path.is_relative_to(target)
    ]
    for name in modules:
        path = target / name
        path.write_text(loosened(path.read_text()))
    subprocess.run([sys.executable, "-c", BUILD, *sorted(modules)], cwd=target, check=True)


if __name__ == "__main__":
    main()
