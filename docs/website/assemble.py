"""Lays out what the site is built from: every page of the repository, the files they link to, and the reference.

    python docs/website/assemble.py build/site-source

Pages keep their places and their links, so that the same Markdown reads well on a code host. What a site needs beside:
README.md is its index, a linked program is a page of its own, a link to a public module goes to its reference.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import reference

ROOT = Path(__file__).parents[2]
_LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s#]+)(#[^)\s]*)?(\))")
_FENCED = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
# Python-Markdown wants four columns where CommonMark is content with two.
_INDENT = re.compile(r"^(?:  )+(?=\S)", re.MULTILINE)


def pages() -> dict[str, str]:
    """The site's pages by path, those of the repository and those that are made."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benches/README.md"]
    made = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(found)}
    return made | reference.pages()


class Layout:
    """One site source, in a folder that is made anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pages = pages()
        self._modules = {_source_of(name): reference.path_of(name) for name in reference.modules()}
        self._copied: set[str] = set()

    def write(self) -> None:
        """All pages and all that they link to."""
        shutil.rmtree(self._folder, ignore_errors=True)
        for path, text in self._pages.items():
            self._put(_place(path), self._linked(path, text))
        for path in sorted(self._copied):
            self._copy(path)

    def _put(self, path: str, text: str) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def _copy(self, path: str) -> None:
        if path.endswith(".py"):
            text = (ROOT / path).read_text(encoding="utf-8")
            self._put(f"{path}.md", f"# {path}\n\n```python\n{text}```\n")
            return
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)

    def _linked(self, page: str, text: str) -> str:
        """The page with its links as they are on the site; blocks of code are left as they are."""
        parts = _FENCED.split(text)
        for index in range(0, len(parts), 2):
            parts[index] = _LINK.sub(lambda link: self._link(page, link), _indented(parts[index]))
        return "".join(parts)

    def _link(self, page: str, link: re.Match[str]) -> str:
        words, target, anchor, end = link.groups()
        if "://" in target or target.startswith("mailto:"):
            return link[0]
        path = os.path.normpath(Path(page).parent / target)
        place = self._place_of(path)
        return f"{words}{os.path.relpath(place, Path(_place(page)).parent)}{anchor or ''}{end}"

    def _place_of(self, path: str) -> str:
        if path in self._modules:
            return self._modules[path]
        if path in self._pages:
            return _place(path)
        if not (ROOT / path).is_file():
            sys.exit(f"assemble.py: a page links to {path}, which is no file")
        self._copied.add(path)
        return f"{path}.md" if path.endswith(".py") else path


def _indented(text: str) -> str:
    """Nested blocks of lists with as many columns as Python-Markdown wants."""
    return _INDENT.sub(lambda blanks: blanks[0] * 2, text)


def _place(path: str) -> str:
    """A folder's README is its index."""
    return re.sub(r"(^|/)README\.md$", r"\1index.md", path)


def _source_of(module: str) -> str:
    path = f"python/{module.replace('.', '/')}"
    return f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py"


if __name__ == "__main__":
    Layout(Path(sys.argv[1])).write()
