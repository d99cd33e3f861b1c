"""What the site is built from: all pages, in the navigation, with links that hold on it as they do on a code host."""

from __future__ import annotations

import re
import tomllib

import pytest

from docs.blocks import ROOT, Words, pages, read
from docs.website.scripts import FOLDER, script

assemble = script("assemble")
LINK = re.compile(r"\]\(([^)\s]*?)(?:#([^)\s]+))?\)")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    assemble.Layout(folder).write()
    return folder


def navigation(entries) -> list[str]:
    found = []
    for entry in entries:
        ((_, value),) = entry.items()
        found += [value] if isinstance(value, str) else navigation(value)
    return found


NAVIGATION = navigation(
    tomllib.loads((FOLDER / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
)


def test_every_page_is_in_the_navigation_once_and_there(site):
    placed = [re.sub(r"(^|/)README\.md$", r"\1index.md", page) for page in pages()]
    assert sorted(NAVIGATION) == sorted([*placed, "docs/reference/command-line.md"])
    assert [one for one in NAVIGATION if not (site / one).is_file()] == []


def test_every_page_of_docs_is_on_the_list_of_all_pages():
    listed = {target for target, _ in LINK.findall((ROOT / "docs/README.md").read_text("utf-8"))}
    here = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert here - listed == set()


def test_a_linked_program_is_a_page_and_a_public_module_its_reference(site):
    text = (site / "docs/telephony.md").read_text(encoding="utf-8")
    assert "](../examples/phone_bridge.py.md)" in text
    assert "```python" in (site / "examples/phone_bridge.py.md").read_text(encoding="utf-8")
    assert "](reference/trunkline.md)" in (site / "docs/reference.md").read_text(encoding="utf-8")


def test_links_on_the_laid_out_pages_lead_to_files(site):
    for page in site.rglob("*.md"):
        prose = re.sub(
            r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
        )
        for target, _ in LINK.findall(re.sub(r"`[^`]*`", "", prose)):
            if target and "://" not in target:
                assert (page.parent / target).is_file(), f"{page.relative_to(site)} links {target}"


def slug(heading: str) -> str:
    """The anchor that a code host makes of a heading."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def anchors(page: str) -> set[str]:
    heads = [one.text for one in read(page) if isinstance(one, Words) and one.text.startswith("#")]
    return {slug(re.sub(r"^#+ ", "", head)) for head in heads}


@pytest.mark.parametrize("page", pages())
def test_every_anchor_that_is_linked_is_a_heading(page):
    for part in read(page):
        if isinstance(part, Words):
            for target, anchor in LINK.findall(part.text):
                if anchor and "://" not in target:
                    path = (ROOT / page).parent / target if target else ROOT / page
                    name = str(path.resolve().relative_to(ROOT))
                    assert anchor in anchors(name), f"{page} links {target}#{anchor}"
