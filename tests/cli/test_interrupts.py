"""The second Ctrl+C."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading

import pytest

from trunkline.cli.interrupts import impatient

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such pipe there")

# A program that takes for ever to clean up, as far as Python's own handlers are concerned.
STUBBORN = """
import sys, threading
from trunkline.cli.interrupts import impatient
with impatient():
    try:
        print("ready", flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        print("cleaning", flush=True)
        import signal
        signal.signal(signal.SIGINT, lambda *_: None)
        threading.Event().wait()
"""


def test_the_second_ends_a_program_that_does_not_want_to_end():
    program = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", STUBBORN],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job ignores interrupts, and its children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        program.send_signal(signal.SIGINT)
        assert program.stdout.readline() == "cleaning\n"
        program.send_signal(signal.SIGINT)
        _, complaints = program.communicate(timeout=30)
    finally:
        program.kill()
        program.communicate()
    assert program.returncode == 130
    assert complaints == ""


def test_one_ends_nothing_and_other_signals_do_not_count():
    ended: queue.SimpleQueue[int] = queue.SimpleQueue()
    seen: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: seen.append(number))
        for number in (signal.SIGINT, signal.SIGUSR1)
    }
    try:
        with impatient(ended.put):
            for number in (signal.SIGUSR1, signal.SIGINT, signal.SIGUSR1):
                os.kill(os.getpid(), number)
        assert ended.empty()
        with impatient(ended.put):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            assert ended.get(timeout=30) == 130
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert seen.count(signal.SIGINT) >= 2
    assert signal.set_wakeup_fd(-1) == -1


def test_beside_the_main_thread_it_does_nothing():
    done: list[bool] = []

    def run() -> None:
        with impatient():
            done.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == [True]
