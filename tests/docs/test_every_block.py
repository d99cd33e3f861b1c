"""No block of code on any page goes unrun: each is of a known kind, and has somebody who runs or reads it."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections import Counter

import click
import pytest
from click.testing import CliRunner

from docs.blocks import ROOT, Block, blocks, pages
from docs.following import PROMPT
from docs.test_walks import PAGES as WALKED
from trunkline.cli.main import trunkline as command

BLOCKS = [block for page in pages() for block in blocks(page)]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Who runs the Python of a page, and how many blocks that are. A new block must be given to somebody.
RUN_BY = {
    "README.md": (1, "tests/test_readme.py"),
    "docs/adapters.md": (3, "tests/test_adapters_page.py"),
    "docs/console.md": (1, "tests/docs/test_fragments.py"),
    "docs/many-lines.md": (2, "tests/docs/test_fragments.py"),
    "docs/observability.md": (4, "tests/test_observability.py"),
    "docs/playout.md": (2, "tests/devices/conversing.py"),
    "docs/simulator.md": (2, "tests/docs/test_fragments.py"),
    "docs/sound.md": (1, "tests/test_sound_page.py"),
    "docs/talk.md": (1, "tests/scenarios/test_talk_page.py"),
    "docs/telephony.md": (1, "tests/scenarios/test_phone_bridge.py"),
    "docs/translation.md": (1, "tests/scenarios/test_interpreter.py"),
    "docs/watching.md": (1, "tests/docs/test_fragments.py"),
}
# Text and drawings that somebody reads all the same.
READ_BY = {"docs/lifecycle.md": "tests/protocol/test_lifecycle.py"}
FOLLOWED = {*WALKED, "docs/tutorial.md"}
KINDS = {"console", "mermaid", "python", "sh", "text", "toml", "yaml"}


def of_kind(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in kinds]


def test_every_block_is_of_a_known_kind():
    assert [str(block) for block in BLOCKS if block.language not in KINDS] == []


def test_every_block_of_python_has_somebody_who_runs_it():
    shown = Counter(block.page for block in of_kind("python") if block.page not in FOLLOWED)
    assert shown == {page: count for page, (count, _) in RUN_BY.items()}


@pytest.mark.parametrize(
    ("page", "runner"),
    [*((page, runner) for page, (_, runner) in RUN_BY.items()), *READ_BY.items()],
)
def test_who_runs_a_page_reads_it(page, runner):
    text = (ROOT / runner).read_text(encoding="utf-8")
    assert page.removeprefix("docs/") in text


def test_python_of_a_page_that_is_followed_is_saved_and_run():
    typed = {page: "".join(one.text for one in blocks(page)) for page in FOLLOWED}
    for block in of_kind("python"):
        if block.page in FOLLOWED:
            assert block.title, f"{block} is not saved under any name"
            stem = block.title.removesuffix(".py").removeprefix("test_")
            used = rf"python (-m pytest|(test_)?{stem}\.py)|from {stem} import"
            assert re.search(used, typed[block.page]), f"{block}: nobody runs {block.title}"


def test_drawings_are_compared_with_what_draws_them():
    assert {block.page for block in of_kind("mermaid")} <= set(READ_BY)


@pytest.mark.parametrize("block", of_kind("toml"), ids=str)
def test_toml_can_be_read(block):
    assert tomllib.loads(block.text)


def _value(text: str) -> object:
    """Of YAML's flow style, which is JSON but for the quotes of names."""
    return json.loads(re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', text)) if text else None


@pytest.mark.parametrize("block", of_kind("yaml"), ids=str)
def test_yaml_can_be_read_and_asks_where_metrics_are_served(block):
    help_text = CliRunner().invoke(command, ["metrics", "--help"]).output
    port = re.search(r"--port .*?default: (\d+)", help_text, re.DOTALL)[1]
    assert f"localhost:{port}" in block.text
    for line in block.text.splitlines():
        row = re.fullmatch(r" *(?:- )?(\w+):(?: (.+))?", line)
        assert row, line
        assert row[2] is None or not row[2].startswith(("[", "{")) or _value(row[2])


def lines_of(block: Block) -> list[str]:
    """Its commands, without prompts and what comes."""
    lines = [line for line in block.text.splitlines() if line.strip()]
    if block.text.startswith(PROMPT):
        lines = [line.removeprefix(PROMPT) for line in lines if line.startswith(PROMPT)]
    return lines


def words_of(line: str) -> list[str]:
    """A command in words, without what is optional around its options, and without what stands behind it."""
    words = shlex.split(re.sub(r"[\[\]|]", " ", line.partition(" #")[0].partition(" -- ")[0]))
    while words and re.match(r"[A-Z_]+=", words[0]):
        words.pop(0)
    return words


def check_trunkline(words: list[str]) -> None:
    if words[0].startswith("--"):
        help_text = CliRunner().invoke(command, ["--help"]).output
    else:
        assert words[0] in command.list_commands(click.Context(command)), f"no command {words[0]}"
        help_text = CliRunner().invoke(command, [words[0], "--help"]).output
    for word in words:
        if word.startswith("--"):
            assert re.search(rf"{re.escape(word.partition('=')[0])}\b", help_text), word


def check_make(words: list[str]) -> None:
    targets = re.findall(
        r"^\.PHONY: *([\w-]+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    assert {word for word in words if "=" not in word} <= set(targets)


def check_pip(words: list[str]) -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    for asked in re.findall(r"trunkline\[([\w,]+)\]", " ".join(words)):
        assert set(asked.split(",")) <= set(extras)


def check_python(words: list[str]) -> None:
    assert words[0] in ("-c", "-m") or (ROOT / words[0]).exists(), words


def check_apt(words: list[str]) -> None:
    """Packages are those that CI installs."""
    there = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert all(word in there for word in words if word != "install" and not word.startswith("-"))


CHECKS = {
    "trunkline": check_trunkline,
    "make": check_make,
    "pip": check_pip,
    "python": check_python,
    "apt-get": check_apt,
    # Typed in tests/release/test_one_liners.py.
    "pipx": check_pip,
    "uv": check_pip,
    "uvx": check_pip,
}


@pytest.mark.parametrize("block", of_kind("sh", "console"), ids=str)
def test_every_command_is_one_that_is_there(block):
    if block.page in FOLLOWED:
        for line in lines_of(block):
            if line.startswith("pip "):
                check_pip(words_of(line))
        return
    for line in lines_of(block):
        name, *words = words_of(line)
        assert name in CHECKS, f"{block}: nobody knows {name!r}"
        CHECKS[name](words)


@pytest.mark.parametrize(
    ("line", "missed"),
    [
        ("trunkline demo --headles", "--headles"),
        ("trunkline dmeo", "no command dmeo"),
        ("make tset", "tset"),
        ("pip install 'trunkline[tiu]'", "tiu"),
        ("python benches/nothing.py", "nothing"),
    ],
)
def test_a_command_that_is_none_is_found(line, missed):
    name, *words = words_of(line)
    if name == "pip":
        words = shlex.split(line)[1:]
    with pytest.raises(AssertionError, match=missed):
        CHECKS[name](words)
