"""What pages show of what was measured is what the files of figures say."""

from __future__ import annotations

import importlib.util
import json
import re

import pytest

from docs.blocks import ROOT

spec = importlib.util.spec_from_file_location("draw_figures", ROOT / "docs/draw_figures.py")
figures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(figures)

# As benches/lines.py --json writes it.
LINES = {
    "machine": {"cpu": "AMD EPYC", "cores": 2, "kernel": "6.18", "python": "3.11.7"},
    "tables": {
        "light": {
            "title": "50 sessions",
            "columns": ["client@loop", "sessions", "µs a pair", "SDK / it", "it / floor"],
            "rows": [
                ["openai@asyncio", 50, "454.0", "1.00", "11.35"],
                ["trunkline@asyncio", 50, "219.0", "2.07", "5.48"],
                ["C floor", 50, "40.0", "11.35", "1.00"],
            ],
            "rounds": [],
            "at": "2026-12-01T10:00+00:00",
            "command": "python benches/lines.py --json docs/figures/lines.json",
            "load": 0.3,
            "versions": {"openai": "3.54.0"},
        },
        "capacity": {
            "title": "Sessions with p99 of lateness under 10 ms",
            "columns": ["client@loop", "sessions", "it / SDK"],
            "rows": [["openai@asyncio", "21", "1.0"], ["trunkline@asyncio", "95", "4.5"]],
            "at": "2026-12-01T10:20+00:00",
            "command": "python benches/lines.py --json docs/figures/lines.json",
            "load": 0.4,
            "versions": {},
            "notes": ["One core each."],
        },
    },
}


@pytest.mark.parametrize("page", figures.PAGES)
def test_a_page_shows_what_its_figures_say(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert figures.drawn(text) == text, "make figures FIGURES=render"


def test_every_place_is_on_a_page_and_no_page_of_figures_is_left_out():
    shown = {
        str(path.relative_to(ROOT)): re.findall(
            r"<!-- figures: ([\w-]+) -->", path.read_text("utf-8")
        )
        for path in [ROOT / "README.md", ROOT / "benches/README.md", *(ROOT / "docs").glob("*.md")]
    }
    assert sorted(name for names in shown.values() for name in names) == sorted(figures.PLACES)
    assert {page for page, names in shown.items() if names} == set(figures.PAGES)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs/figures").glob("*.json")), ids=lambda path: path.stem
)
def test_every_figure_tells_how_it_was_taken(path):
    told = json.loads(path.read_text(encoding="utf-8"))
    assert {"cores", "python"} <= set(told["machine"])
    for table in told["tables"].values():
        assert re.match(r"\d{4}-\d\d-\d\d", table["at"])
        program = table["command"].split()[1]
        assert (ROOT / program).is_file()
        assert all(len(row) == len(table["columns"]) for row in table["rows"])


def page(name: str) -> str:
    return f"before\n<!-- figures: {name} -->\nold\n<!-- end of figures -->\nafter\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "lines.json").write_text(json.dumps(LINES), encoding="utf-8")
    return tmp_path


def test_many_lines_have_their_place_and_their_rows(folder):
    text = figures.drawn(page("lines-short"), folder)
    assert re.search(r"\| trunkline@asyncio \| 219\.0 \| [\d.]+ \| [\d.]+ \| 95 \|", text)
    assert re.search(r"\| C floor \| 40\.0 \| [\d.]+ \| 1\.00 \|  \|", text)
    assert "2026-12-01, 2 CPUs (AMD EPYC), load 0.3" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")


def test_what_a_core_carries_is_left_out_where_it_was_not_measured(tmp_path):
    tables = {"light": LINES["tables"]["light"]}
    (tmp_path / "lines.json").write_text(json.dumps(LINES | {"tables": tables}), encoding="utf-8")
    text = figures.drawn(page("lines-short"), tmp_path)
    assert "sessions one core carries" not in text
    assert re.search(r"\| trunkline@asyncio \| 219\.0 \| [\d.]+ \| [\d.]+ \|\n", text)


def test_all_tables_are_shown_each_with_its_own_origin(folder):
    text = figures.drawn(page("lines"), folder)
    assert text.count("benches/lines.py") == 2
    assert "load 0.3" in text
    assert "load 0.4" in text
    assert "One core each." in text


def test_what_was_drawn_is_drawn_the_same_again(folder):
    once = figures.drawn(page("lines"), folder)
    assert figures.drawn(once, folder) == once


def test_a_place_whose_figures_nobody_took_says_so(tmp_path):
    assert "Not measured yet: `make figures FIGURES=lines`" in figures.drawn(
        page("lines"), tmp_path
    )


def test_figures_of_another_form_are_refused_with_words(tmp_path):
    (tmp_path / "lines.json").write_text(
        '{"light": [], "capacity": {}, "heavy": []}', encoding="utf-8"
    )
    with pytest.raises(SystemExit, match="no machine and tables"):
        figures.drawn(page("lines"), tmp_path)


def test_a_place_that_nobody_draws_is_refused_with_words(tmp_path):
    with pytest.raises(SystemExit, match="nobody draws linse"):
        figures.drawn(page("linse"), tmp_path)
