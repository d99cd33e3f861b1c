"""What a command says beside its output: on standard error, unless `--quiet`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["saying_nothing", "tell"]

# One cell for the process: what happens to lines is told from threads of their own.
_quiet = [False]


@contextlib.contextmanager
def saying_nothing() -> Iterator[None]:
    """Nothing but output and errors, for as long as the block runs."""
    _quiet.append(True)
    try:
        yield
    finally:
        _quiet.pop()


def tell(words: str, *, nl: bool = True) -> None:
    """Says it, if anybody wants to hear."""
    if not _quiet[-1]:
        click.echo(words, err=True, nl=nl)
