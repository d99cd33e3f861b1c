"""Keys in files and keyrings."""

from __future__ import annotations

import asyncio
import os
import sys
import types
from pathlib import Path

import pytest

import trunkline
from trunkline.client import keystore
from trunkline.client.credentials import KeySource, Secret, reveal_credential
from trunkline.client.keystore import key_command, key_file, keyring_key
from trunkline.errors import ConfigError

KEY = "sk-test-canary-0123456789"


def _file(tmp_path: Path, text: str = f"{KEY}\n", mode: int = 0o600) -> Path:
    path = tmp_path / "key"
    path.write_text(text)
    path.chmod(mode)
    return path


def _ask(credential) -> Secret:
    return asyncio.run(asyncio.wait_for(reveal_credential(credential), 10))


def test_a_file_that_only_its_owner_reads_gives_its_key(tmp_path: Path):
    assert _ask(key_file(_file(tmp_path))) == Secret(KEY)


def test_a_file_is_read_anew_each_time(tmp_path: Path):
    path = _file(tmp_path)
    credential = key_file(path)
    _ask(credential)
    path.write_text("sk-test-rotated-0123456789")
    assert _ask(credential) == Secret("sk-test-rotated-0123456789")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_file_that_others_may_read_is_refused_with_what_to_do(tmp_path: Path, mode: int):
    path = _file(tmp_path, mode=mode)
    with pytest.raises(ConfigError, match=f"mode {mode:o}.*chmod 600 {path}") as caught:
        _ask(key_file(path))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("uid", [1, 65_534])
def test_a_file_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int
):
    path = _file(tmp_path)
    monkeypatch.setattr(os, "fstat", _as_owned_by(uid))
    with pytest.raises(ConfigError, match=f"another user .uid {uid}"):
        _ask(key_file(path))


def test_a_file_that_root_put_there_for_us_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = _file(tmp_path)
    monkeypatch.setattr(os, "fstat", _as_owned_by(0))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert _ask(key_file(path)) == Secret(KEY)


def _as_owned_by(uid: int):
    real = os.fstat

    def fstat(handle: int) -> os.stat_result:
        found = real(handle)
        return os.stat_result([*found[:4], uid, *found[5:]])

    return fstat


@pytest.mark.parametrize(
    ("text", "words"), [("", "is empty"), (f"{KEY}\n{KEY}\n", "more than one word")]
)
def test_a_file_that_holds_no_key_is_told_without_repeating_it(tmp_path: Path, text, words):
    with pytest.raises(ConfigError, match=words) as caught:
        _ask(key_file(_file(tmp_path, text)))
    assert "canary" not in str(caught.value)


def test_a_file_that_is_not_there_and_one_that_is_none_are_told(tmp_path: Path):
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(ConfigError, match="key_file"):
            _ask(key_file(path))


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(ConfigError, match="is no file"):
        _ask(key_file(pipe))


def test_the_environment_may_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(_file(tmp_path)))
    assert _ask(trunkline.connect().config.credential) == Secret(KEY)


def test_the_environment_may_name_an_entry_of_the_keyring(monkeypatch: pytest.MonkeyPatch, keyring):
    keyring({("home", "me"): KEY, ("home", "api_key"): "sk-test-canary-service"})
    for name in ("OPENAI_API_KEY", "OPENAI_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY_KEYRING", "home/me")
    assert _ask(trunkline.connect().config.credential) == Secret(KEY)
    monkeypatch.setenv("OPENAI_API_KEY_KEYRING", "home")
    assert _ask(trunkline.connect().config.credential).reveal() == "sk-test-canary-service"


def test_what_is_nearer_is_asked_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keyring):
    keyring({("home", "api_key"): "sk-test-canary-keyring"})
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-canary-variable")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(_file(tmp_path, "sk-test-canary-file")))
    monkeypatch.setenv("OPENAI_API_KEY_KEYRING", "home")
    given = trunkline.connect(api_key=lambda: "sk-test-canary-argument")
    assert _ask(given.config.credential).reveal() == "sk-test-canary-argument"
    for source, variable in (
        ("variable", "OPENAI_API_KEY"),
        ("file", "OPENAI_API_KEY_FILE"),
        ("keyring", "OPENAI_API_KEY_KEYRING"),
    ):
        found = _ask(trunkline.connect().config.credential)
        assert found.reveal() == f"sk-test-canary-{source}"
        monkeypatch.delenv(variable)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        trunkline.connect()


class _Keyring(types.ModuleType):
    """What the package of that name does, as far as it is asked."""

    class errors:  # noqa: N801 - the package's own name
        class KeyringError(Exception):
            pass

        class NoKeyringError(KeyringError):
            pass

    def __init__(self, answer) -> None:
        super().__init__("keyring")
        self.answer = answer

    def get_password(self, service: str, username: str) -> str | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer.get((service, username))


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch):
    def install(answer) -> None:
        monkeypatch.setitem(sys.modules, "keyring", _Keyring(answer))

    return install


def test_a_keyring_gives_the_key_of_its_entry(keyring):
    keyring({("trunkline", "api_key"): KEY})
    assert _ask(keyring_key()) == Secret(KEY)


def test_an_entry_that_is_missing_is_told_with_the_command_that_makes_it(keyring):
    keyring({})
    with pytest.raises(ConfigError, match="keyring set here me"):
        _ask(keyring_key("here", "me"))


def test_a_keyring_that_is_locked_is_told_by_its_kind_alone(keyring):
    keyring(_Keyring.errors.KeyringError(f"denied for {KEY}"))
    with pytest.raises(ConfigError, match="KeyringError") as caught:
        _ask(keyring_key())
    assert "canary" not in str(caught.value)


def test_a_machine_without_a_keyring_is_told_what_it_can_do_instead(keyring):
    keyring(_Keyring.errors.NoKeyringError("install one of the third-party keyrings"))
    with pytest.raises(ConfigError, match=r"without a desktop.*OPENAI_API_KEY_FILE") as caught:
        _ask(keyring_key())
    assert "third-party" not in str(caught.value)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match=r"trunkline\[keyring\]"):
        _ask(keyring_key())


# Commands.


def _printing(code: str, folder: Path, *arguments: str):
    return key_command([sys.executable, "-c", code, *arguments], folder=folder)


def test_a_command_that_prints_the_key_gives_it(tmp_path: Path):
    assert _ask(_printing(f"print('{KEY}')", tmp_path)) == Secret(KEY)


def test_no_shell_reads_it_and_it_is_run_in_its_folder(tmp_path: Path):
    code = "import os, sys; open('seen', 'w').write(repr(sys.argv[1:])); print('key-0123456789')"
    _ask(_printing(code, tmp_path, "$HOME; touch owned", "`id`"))
    assert (tmp_path / "seen").read_text() == "['$HOME; touch owned', '`id`']"
    assert not (tmp_path / "owned").exists()


def test_its_key_is_kept_until_it_is_refused(tmp_path: Path):
    code = "open('runs', 'a').write('x'); print('key-0123456789')"
    source = KeySource(_printing(code, tmp_path))
    assert source.is_renewable

    async def ask() -> list[int]:
        counts = []
        for refresh in (False, False, True):
            await source.key(refresh=refresh)
            counts.append(len((tmp_path / "runs").read_text()))
        return counts

    assert asyncio.run(asyncio.wait_for(ask(), 30)) == [1, 1, 2]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "printed nothing; it must print the key and nothing else"),
        ("print('two words')", "printed more than one word"),
        (f"import sys; print('{KEY}'); sys.exit(3)", "ended with 3; run it yourself"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended with -9"),
        ("while True: print('x' * 1000)", "the key"),
        (f"import sys; sys.stderr.write('{KEY}'); sys.exit(1)", "ended with 1"),
    ],
)
def test_a_command_that_gives_no_key_is_told_without_what_it_printed(tmp_path, capfd, code, words):
    with pytest.raises(ConfigError) as caught:
        _ask(_printing(code, tmp_path, "an-argument-to-hide"))
    told = str(caught.value)
    assert words in told
    assert "canary" not in told + "".join(capfd.readouterr())
    assert "to-hide" not in told


def test_one_that_does_not_end_is_ended(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(keystore, "_COMMAND_SECONDS", 0.5)
    code = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"
    with pytest.raises(ConfigError, match="did not end within"):
        _ask(_printing(code, tmp_path))
    pid = tmp_path / "pid"
    if pid.exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid.read_text()), 0)


def test_one_whose_answer_nobody_waits_for_is_ended(tmp_path: Path):
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    code = "import os, time; open('ready', 'w').write(str(os.getpid())); time.sleep(600)"

    async def leave() -> int:
        asking = asyncio.create_task(_printing(code, tmp_path)())
        pid = int(await asyncio.to_thread(ready.read_text))
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return pid

    pid = asyncio.run(asyncio.wait_for(leave(), 30))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_has_no_input_to_wait_for(tmp_path: Path):
    assert _ask(_printing("import sys; print(sys.stdin.read() + 'key-0123456789')", tmp_path))


@pytest.mark.parametrize("path", ["", ".", "bin", ":/nowhere"])
def test_a_program_is_not_looked_for_where_somebody_stands(tmp_path, monkeypatch, path):
    for folder in (tmp_path, tmp_path / "bin"):
        folder.mkdir(exist_ok=True)
        (folder / "give-key").write_text("#!/bin/sh\necho key-0123456789\n")
        (folder / "give-key").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path)
    with pytest.raises(ConfigError, match="there is no program give-key"):
        _ask(key_command(["give-key"], folder=tmp_path))
    monkeypatch.setenv("PATH", f"{path}:{tmp_path / 'bin'}")
    assert _ask(key_command(["give-key"], folder=tmp_path)) == Secret("key-0123456789")


def test_a_program_that_is_none_is_told(tmp_path: Path):
    text = tmp_path / "text"
    text.write_text("no program")
    text.chmod(0o755)
    with pytest.raises(ConfigError, match="text: Exec format error"):
        _ask(key_command([str(text)], folder=tmp_path))
    with pytest.raises(ConfigError, match="No such file"):
        _ask(key_command([sys.executable], folder=tmp_path / "gone"))
