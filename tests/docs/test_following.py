"""Whoever follows a page notices when it does not do what it says."""

from __future__ import annotations

import pytest

from docs import following
from docs.blocks import parse
from docs.following import Follower
from docs.readers import reader


def follow(page: str, folder, monkeypatch, *, seconds: float = 20, **more) -> Follower:
    monkeypatch.setattr(following, "read", lambda name: parse(name, page))
    follower = Follower("page.md", *reader(folder), seconds=seconds, **more)
    follower.follow()
    return follower


PAGE = """\
# Page

```text title="greeting.txt"
hello
world
```

```console
$ cat greeting.txt
he…
world
$ test -s greeting.txt && echo "some words"
some words
```
"""


def test_a_page_that_does_what_it_says_is_followed(tmp_path, monkeypatch):
    assert len(follow(PAGE, tmp_path, monkeypatch).typed) == 2


@pytest.mark.parametrize(
    ("true", "false", "missed"),
    [
        ("he…", "hi…", "'hi…' never came"),
        ("he…\nworld", "world\nhe…", "'he…' never came"),
        ("$ test -s", "$ test -d", "'some words' never came"),
        ('title="greeting.txt"', 'title="other.txt"', "'he…' never came"),
        ("some words\n```", "words\n```", "'words' never came"),
    ],
    ids=["other words", "another order", "a command that fails", "no file", "half a line"],
)
def test_a_page_that_does_not_is_noticed_at_once(true, false, missed, tmp_path, monkeypatch):
    with pytest.raises(AssertionError, match=missed):
        follow(PAGE.replace(true, false), tmp_path, monkeypatch)


def test_a_silent_command_that_fails_is_noticed(tmp_path, monkeypatch):
    page = "```console\n$ cp nothing.wav question.wav\n$ true\n```\n"
    with pytest.raises(
        AssertionError, match=r"'cp nothing.wav question.wav' failed:\n(.*\n)*.*No such file"
    ):
        follow(page, tmp_path, monkeypatch)


def test_the_last_command_may_not_fail_in_silence_either(tmp_path, monkeypatch):
    with pytest.raises(AssertionError, match="'false' failed"):
        follow("```console\n$ false\n```\n", tmp_path, monkeypatch)


def test_a_command_that_does_not_end_is_noticed(tmp_path, monkeypatch):
    page = "```console\n$ cat\n```\n"
    with pytest.raises(AssertionError, match="did not end"):
        follow(page, tmp_path, monkeypatch, seconds=0.5)


def test_keys_reach_the_terminal_that_the_words_name(tmp_path, monkeypatch):
    page = """\
```console title="second terminal"
$ cat
```
```console
$ cat
```
Press `Ctrl-C` in the first terminal and in the second terminal.
"""
    follow(page, tmp_path, monkeypatch)


def test_what_stands_below_a_skipped_heading_is_left_out(tmp_path, monkeypatch):
    page = "## Install\n\n```console\n$ false\nnothing\n```\n\n## Go\n\n```console\n$ true\n```\n"
    assert follow(page, tmp_path, monkeypatch, skipped={"Install"}).typed == ["true"]
