"""The page beside the peers is whole: all rows, a word in each cell, a date, versions and sources."""

from __future__ import annotations

import re

from docs.blocks import ROOT

PAGE = (ROOT / "docs/comparison.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.splitlines()
    if re.match(r"\| \d+ \|", line)
]
WORDS = ("yes", "no", "part", "n/a", "not checked")


def test_rows_are_numbered_and_every_cell_begins_with_its_verdict():
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) == 73
    for row in ROWS:
        assert len(row) == 11
        assert all(re.match(rf"(?:{'|'.join(WORDS)})\b", cell) for cell in row[2:]), row


def test_the_page_says_when_and_in_which_versions_it_was_read():
    assert "read on 2026-11-22" in PAGE
    table = PAGE[PAGE.index("| | version |") : PAGE.index("Also read")]
    peers = table.strip().splitlines()[2:]
    assert len(peers) == 8
    for row in peers:
        _, version, _, source = [cell.strip() for cell in row.split("|")[1:-1]]
        assert re.search(r"\d", version)
        assert source.startswith("`")


def test_where_others_are_better_is_told():
    """Of the rows in which trunkline has less than somebody, those that are a plain no have words of their own."""
    better = PAGE[PAGE.index("## Where others are better") : PAGE.index("## Row by row")]
    told = {
        int(number) for rows in re.findall(r"rows? ([\d, ]+)", better) for number in rows.split(",")
    }
    lacking = {
        int(row[0])
        for row in ROWS
        if row[2].startswith("no") and any(cell.startswith("yes") for cell in row[3:])
    }
    assert lacking - told == set()


def test_the_trials_passed_are_those_of_the_gauntlet_s_page():
    gauntlet = (ROOT / "docs/gauntlet.md").read_text(encoding="utf-8")
    for name, passed in (("livekit-agents", 22), ("pydantic-ai", 16), ("pipecat", 9)):
        assert re.search(rf"^\| {name} \| [\d.]+ \| {passed} \|", gauntlet, re.MULTILINE)
        assert re.search(rf"{name}\s{passed}\b", PAGE)
