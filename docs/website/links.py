"""Looks at a built site: nothing is loaded from elsewhere, and every link and anchor within it leads somewhere.

    python docs/website/links.py build/site

A link of the text may lead outside; what a page *loads* (scripts, styles, pictures, fonts) may not. The theme's script
has addresses of what it would fetch for drawings and galleries, which no page of ours has; they are known here, a new
one is a finding, and a policy in every page forbids the browser to follow any of them.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICY = "default-src 'self' 'unsafe-inline' data: blob:"
LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "video": "src",
         "audio": "src", "object": "data", "embed": "src"}  # fmt: skip
ASLEEP = {
    "api.github.com", "cdn.jsdelivr.net", "unpkg.com",  # mermaid, galleries, live code, stars: none of them is here
    "www.w3.org",  # names of XML, never fetched
}  # fmt: skip
_ADDRESS = re.compile(r"https?://([\w.-]+)")
_STYLE = re.compile(r"(?:url\(\s*|@import\s+)[\"']?((?:https?:)?//[^\"')\s]+)")


class Page(HTMLParser):
    """What one page loads, where it leads, and where it can be entered."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.policy = ""
        text = path.read_text(encoding="utf-8")
        self.loads += _STYLE.findall(text)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        told = {name: value or "" for name, value in attrs}
        self.anchors |= {told[name] for name in ("id", "name") if name in told}
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        if tag in LOADS and LOADS[tag] in told:
            self.loads.append(told[LOADS[tag]])
        if tag == "meta" and told.get("http-equiv") == "Content-Security-Policy":
            self.policy = told["content"]


def _is_outside(address: str) -> bool:
    return address.startswith("//") or urlsplit(address).scheme in ("http", "https", "ws", "wss")


class Site:
    """All pages of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.pages = {path: Page(path) for path in sorted(folder.rglob("*.html"))}

    def findings(self) -> list[str]:
        """What is wrong, a line for each."""
        found = [] if self.pages else [f"{self._folder} has no page"]
        for path, page in self.pages.items():
            where = path.relative_to(self._folder)
            if not page.policy.startswith(POLICY):
                found.append(f"{where}: no policy forbids to load from elsewhere")
            found += [f"{where}: loads {one}" for one in page.loads if _is_outside(one)]
            inside = [one for one in page.loads + page.links if not _is_outside(one)]
            found += [
                f"{where}: {one} leads nowhere" for one in inside if not self._leads(path, one)
            ]
        return found + list(self._findings_of_assets())

    def _leads(self, path: Path, address: str) -> bool:
        parts = urlsplit(address)
        if parts.scheme:
            return parts.scheme in ("mailto", "data")
        # The page of a missing address may be shown under any: its links begin at the root.
        base = self._folder if parts.path.startswith("/") else path.parent
        target = (
            (base / unquote(parts.path).lstrip("/")).resolve() if parts.path else path.resolve()
        )
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file() or not target.is_relative_to(self._folder.resolve()):
            return False
        anchor = unquote(parts.fragment)
        if not anchor or target.suffix != ".html":
            return True
        return (
            anchor in self.pages[self._folder / target.relative_to(self._folder.resolve())].anchors
        )

    def _findings_of_assets(self) -> Iterator[str]:
        for path in sorted(self._folder.rglob("*.css")):
            for address in _STYLE.findall(path.read_text(encoding="utf-8")):
                yield f"{path.relative_to(self._folder)}: loads {address}"
        for path in sorted(self._folder.rglob("*.js")):
            hosts = set(_ADDRESS.findall(path.read_text(encoding="utf-8")))
            for host in sorted(hosts - ASLEEP):
                yield f"{path.relative_to(self._folder)}: has an address at {host}, which nobody looked at"


def main() -> None:
    """Prints what is wrong with a site, and fails if anything is."""
    site = Site(Path(sys.argv[1]))
    found = site.findings()
    print(*found, sep="\n", end="\n" if found else "")
    if found:
        sys.exit(f"links.py: {len(found)} findings")
    print(
        f"{len(site.pages)} pages: nothing is loaded from elsewhere, and every link leads somewhere"
    )


if __name__ == "__main__":
    main()
