from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator.places import lines_of

TEXT = '''# a comment with [brackets] = and "quotes"
top = 1
"quoted.key" = "a # no comment ] }"
long = """
three
lines \\""" still"""
after = [ # comment
  1,
  { deep = 2,
    other = [3] },
]
[table.inner]
a.b = 'x'
[[faults]]
when = { seconds = 1 }
[[faults]]
  [faults.when]
  seconds = 2
'''


def test_every_value_has_its_line():
    lines = lines_of(TEXT, "it")
    expected = {
        "it": 1, "it.top": 2, "it.quoted.key": 3, "it.long": 4, "it.after": 7, "it.after[0]": 8,
        "it.after[1]": 9, "it.after[1].deep": 9, "it.after[1].other": 10, "it.table.inner": 12,
        "it.table.inner.a.b": 13, "it.faults": 14, "it.faults[0]": 14, "it.faults[0].when.seconds": 15,
        "it.faults[1]": 16, "it.faults[1].when": 17, "it.faults[1].when.seconds": 18,
    }  # fmt: skip
    assert {path: lines.get(path) for path in expected} == expected


@given(st.text(alphabet="ab.[]{}=,#\"'\\ \n\r\t1\u00e9-", max_size=60))
def test_whatever_the_parser_takes_the_scanner_takes(text):
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert lines_of(text, "it")["it"] == 1
