from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from trunkline.errors import ConfigError
from trunkline.gauntlet.client_process import ClientProcess, environment_for

SETTINGS = {"base_url": "http://127.0.0.1:1/v1", "key": "sk-test-secret", "wav": "/tmp/a.wav"}


def python(program: str) -> ClientProcess:
    inherited = environment_for({"PATH": ""}, **SETTINGS)
    return ClientProcess([sys.executable, "-S", "-c", program], inherited)


def run(test) -> None:
    asyncio.run(asyncio.wait_for(test, 20))


def test_the_environment_says_where_to_go_and_forgets_the_users_own_account():
    ours = dict.fromkeys(("OPENAI_ORG_ID", "AZURE_OPENAI_API_KEY", "XAI_API_KEY"), "mine")
    found = environment_for(ours | {"HOME": "/root"}, **SETTINGS)
    assert "mine" not in found.values()
    assert found["HOME"] == "/root"
    assert found["OPENAI_BASE_URL"] == SETTINGS["base_url"]
    assert found["OPENAI_API_KEY"] == SETTINGS["key"]
    assert found["TRUNKLINE_GAUNTLET_WAV"] == SETTINGS["wav"]


def test_it_is_told_to_stop_by_a_signal_and_by_the_end_of_its_input():
    async def test():
        async with python("import sys; sys.stdin.read(); sys.exit(3)") as client:
            client.tell_to_stop()
            assert await client.wait(10)
            assert client.exit_code in {3, -15}

    run(test())


def test_one_that_does_not_listen_is_killed_and_its_children_with_it():
    program = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(99)'])\n"
        "print(child.pid, flush=True); time.sleep(99)"
    )

    async def test():
        async with python(program) as client:
            while not client.tail("-").strip():
                await asyncio.sleep(0.01)
            client.tell_to_stop()
            assert not await client.wait(0.2)
            child = int(client.tail("-"))
        assert client.exit_code == -9
        assert await is_gone(child)

    run(test())


async def is_gone(pid: int) -> bool:
    """Whether no such process runs; a killed one waits a moment for its parent to notice."""
    for _ in range(100):
        if not is_running(pid):
            return True
        await asyncio.sleep(0.02)
    return False


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_its_last_words_are_kept_without_the_key():
    async def test():
        async with python("import os; print('x' * 5000, os.environ['OPENAI_API_KEY'])") as client:
            assert await client.wait(10)
            tail = client.tail(SETTINGS["key"])
        assert len(tail) <= 2000
        assert tail.endswith("x …\n")

    run(test())


def test_a_command_that_does_not_exist_is_an_error_that_names_it():
    async def test():
        with pytest.raises(ConfigError, match="no-such-program"):
            async with ClientProcess(["/no-such-program"], {}):
                pass

    run(test())
