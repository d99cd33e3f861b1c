"""A console at the end of a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys

PROGRAM = """
from textual.app import App
from textual.widgets import Static
class Small(App):
    def compose(self):
        yield Static("words of the console")
Small().run()
"""


def start():
    variables = os.environ | {
        "TEXTUAL_DRIVER": "trunkline.tui.remote:RemoteDriver",
        "COLUMNS": "40",
        "ROWS": "10",
    }
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=variables,
    )


def read_until(process, words):
    seen = b""
    while words not in seen:
        chunk = process.stdout.read1(65_536)
        assert chunk, (seen, process.stderr.read())
        seen += chunk
    return seen


def packet(kind, payload):
    return kind + len(payload).to_bytes(4, "big") + payload


def test_it_draws_in_packets():
    process = start()
    seen = read_until(process, b"words of the console")
    assert seen.startswith(b"__GANGLION__\nD")
    _, complaints = process.communicate(
        packet(b"M", json.dumps({"type": "quit"}).encode()), timeout=20
    )
    assert (process.returncode, complaints) == (0, b"")


def test_the_end_of_its_input_is_its_end():
    process = start()
    read_until(process, b"words of the console")
    rest, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, b"")
    assert b'{"type": "exit"}' in rest


def test_it_ends_without_a_word_if_nobody_reads_any_more():
    process = start()
    read_until(process, b"words of the console")
    process.stdout.close()
    process.stdin.close()
    assert process.wait(timeout=20) == 0
    assert process.stderr.read() == b""
    process.stderr.close()
