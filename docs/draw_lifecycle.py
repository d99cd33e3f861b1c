"""Draws docs/lifecycle.md from the table the program runs; `--check` fails if the page is stale."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from trunkline.protocol.lifecycle import PHASES, TRANSITIONS, Action, Input, Phase, State

PAGE = Path(__file__).with_name("lifecycle.md")
ENDS = (State.CLOSED, State.FAILED)


def render() -> str:
    """The whole page."""
    return "\n".join(
        [
            "# The life of a line",
            "",
            "Drawn by `docs/draw_lifecycle.py` from `trunkline.protocol.lifecycle.TRANSITIONS`; do not edit.",
            "A pair of state and input that is not here raises a `LocalError` that names both.",
            "",
            *_diagram(),
            "",
            *_words("State", [(state.value, state) for state in State]),
            "",
            "While the line is `rotating` its second link has a life of its own (`PHASES`):",
            "",
            *_second_link(),
            "",
            *_words("Phase", [(phase.value, phase) for phase in Phase]),
            "",
            *_words("Action", [(action.value, action) for action in Action]),
            "",
            *_table(),
            "",
        ]
    )


def _diagram() -> list[str]:
    edges: dict[tuple[State, State], list[Input]] = {}
    for (source, happened), (target, _) in TRANSITIONS.items():
        if source is not target:
            edges.setdefault((source, target), []).append(happened)
    return [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> idle",
        *(
            f"    {source.value} --> {target.value}: {', '.join(each.value for each in inputs)}"
            for (source, target), inputs in edges.items()
        ),
        *(f"    {end.value} --> [*]" for end in ENDS),
        "```",
    ]


def _second_link() -> list[str]:
    return [
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {Phase.WAITING.value}",
        *(
            f"    {source.value} --> {target.value}: {happened.value}"
            for (source, happened), target in PHASES.items()
        ),
        f"    {Phase.READY.value} --> [*]: {Input.SWITCH_DUE.value}",
        "```",
    ]


def _words(heading: str, members: list[tuple[str, State | Action | Phase]]) -> list[str]:
    rows = [f"| {name} | {_meaning(member)} |" for name, member in members]
    return [f"| {heading.lower()} | meaning |", "|---|---|", *rows]


def _meaning(member: State | Action | Phase) -> str:
    """The string under the member in the source, which Python itself forgets."""
    lines = inspect.getsource(type(member)).splitlines()
    at = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{member.name} ="))
    return lines[at + 1].strip().strip('"')


def _table() -> list[str]:
    rows = [
        f"| {source.value} | {happened.value} | {target.value} | "
        f"{', '.join(action.value for action in actions) or 'nothing'} |"
        for (source, happened), (target, actions) in TRANSITIONS.items()
    ]
    return ["| in state | when | goes to | and does |", "|---|---|---|---|", *rows]


def main(arguments: list[str]) -> int:
    """Writes the page, or with `--check` says whether it is what would be written."""
    if "--check" not in arguments:
        PAGE.write_text(render(), encoding="utf-8")
        return 0
    fresh = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == render()
    if not fresh:
        print(f"{PAGE.name} is stale: run python docs/draw_lifecycle.py", file=sys.stderr)
    return 0 if fresh else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
