"""What C prints, kept off the terminal."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from trunkline.devices import chatter

SAID = """
import ctypes, os, sys
from trunkline.devices.chatter import quiet
libc = ctypes.CDLL(None)
def say(words):
    stderr = ctypes.c_void_p.in_dll(libc, "stderr")
    libc.fputs(words, stderr)
    libc.fflush(stderr)
say(b"before ")
with quiet():
    say(b"hidden ")
    with quiet():
        say(b"hidden ")
    say(b"hidden ")
    print("python", end=" ", file=sys.stderr, flush=True)
    os.write(2, b"descriptor ")
say(b"after")
"""


def _is_glibc():
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (AttributeError, ValueError, OSError):
        return False


@pytest.mark.skipif(not _is_glibc(), reason="only glibc's stderr can be exchanged")
def test_c_is_silent_meanwhile_and_python_and_the_descriptor_are_not():
    run = subprocess.run(
        [sys.executable, "-c", SAID], capture_output=True, text=True, check=True, timeout=20
    )
    assert run.stderr == "before python descriptor after"


def test_another_c_library_is_left_alone(monkeypatch):
    def confstr(_name):
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "confstr", confstr)
    with chatter.quiet():
        assert chatter._variable() is None


def test_only_the_last_to_release_lets_c_speak_again(monkeypatch):
    variable = ctypes.c_void_p(4711)
    monkeypatch.setattr(chatter, "_variable", lambda: variable)
    one = chatter.Chatter()
    one.hush()
    one.hush()
    nowhere = variable.value
    one.release()
    assert variable.value == nowhere != 4711
    one.release()
    assert variable.value == 4711
    one.hush()
    assert variable.value == nowhere
    one.release()
