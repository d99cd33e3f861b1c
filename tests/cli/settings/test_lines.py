"""Lines of keys, against files whose lines are known."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from trunkline.cli.settings.lines import lines_of

TEXT = '''# a comment
model = "a"

[sound]   # 4
echo = "gate"
input = """
[talk]
echo = 3
"""
names = [
  "one",   # [profile.x]
  "two",
]
[profile.work]
voice = "x"
log.format = "json"
[profile.work.translate]
to = "es"
'''


def test_each_key_is_told_by_the_line_where_its_statement_begins():
    lines = lines_of(TEXT)
    assert lines["model",] == 2
    assert lines["sound",] == 4
    assert lines["sound", "echo"] == 5
    assert lines["sound", "input"] == 6
    assert lines["sound", "names"] == 10
    assert lines["profile", "work", "voice"] == 15
    assert lines["profile", "work", "log", "format"] == 16
    assert lines["profile", "work", "translate", "to"] == 18
    # What stands in a string or a comment is no key.
    assert ("talk",) not in lines
    assert ("profile", "x") not in lines


def test_what_stands_behind_a_mistake_is_left_out():
    assert lines_of("a = 1\nb = \nc = 3\n") == {("a",): 1}


def test_a_long_file_is_read_to_its_thousandth_line_only():
    lines = lines_of("\n" * 999 + "a = 1\nb = 2\n")
    assert lines == {("a",): 1000}


@given(st.lists(st.sampled_from(["a", "bb", "c.d", "#x", ""]), unique=True, max_size=5))
def test_each_line_of_a_flat_file_is_its_own(names):
    text = "\n".join(f"{name} = 1" if name.isalpha() or "." in name else name for name in names)
    found = lines_of(text)
    for number, name in enumerate(names, 1):
        if name and name[0] != "#":
            assert found[tuple(name.split("."))] == number
    assert {keys[0] for keys in found} == set(tomllib.loads(text))
