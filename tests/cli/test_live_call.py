"""A live conversation as a command: what it asks for, and how it ends; on a pty: tests/cli/test_talk_live.py."""

from __future__ import annotations

import signal
import sys
import wave

import pytest
from click.testing import CliRunner

from trunkline.cli import live_call
from trunkline.cli.file_call import spoken_session
from trunkline.cli.live_call import LiveCall, talked_session
from trunkline.cli.live_console import LiveConsole
from trunkline.cli.live_options import LiveOptions
from trunkline.cli.talk import talk
from trunkline.errors import MediaError
from trunkline.fleet.telemetry import Telemetry


def test_nobody_would_answer_tools_so_there_are_none():
    session = talked_session(spoken_session("marin"), push_to_talk=False)
    assert (session["tools"], session["tool_choice"]) == ([], "none")
    assert session["audio"]["input"]["turn_detection"]["type"] == "server_vad"


def test_with_a_button_the_server_listens_for_no_turns():
    plain = spoken_session("marin")
    session = talked_session(plain, push_to_talk=True)
    assert session["audio"]["input"]["turn_detection"] is None
    assert "transcription" in session["audio"]["input"]
    assert session["audio"]["output"] == {"voice": "marin"}
    # What it was made of is as it was.
    assert plain["audio"]["input"]["turn_detection"] is not None


def asked(monkeypatch, *arguments: str) -> tuple[LiveCall, dict]:
    found: list = []
    monkeypatch.setattr(LiveCall, "hold", lambda self, session: found.extend((self, session)))
    result = CliRunner().invoke(talk, arguments)
    assert result.exit_code == 0, result.output
    call, session = found
    return call, session


def test_the_command_asks_for_what_its_options_say(monkeypatch):
    arguments = [
        "--instructions",
        "Be brief.",
        "--voice",
        "marin",
        "--model",
        "m",
        "--input",
        "USB",
    ]
    call, session = asked(monkeypatch, *arguments)
    assert session["instructions"] == "Be brief."
    assert session["audio"]["output"] == {"voice": "marin"}
    assert (call.model, call.options.input_name) == ("m", "USB")


@pytest.fixture
def held(monkeypatch, tmp_path):
    """A call whose terminal does what is given; there is no line and no device."""

    def run(deed, *, pcm: bytes = b"", save: str | None = None):
        options = LiveOptions(input_name="none", output_name="none")
        call = LiveCall(command="talk", options=options, save=save)
        monkeypatch.setattr(LiveCall, "_line", lambda *_: None)

        class Terminal:
            def __init__(self, conversation) -> None:
                self.conversation = conversation
                monkeypatch.setattr(conversation, "start", lambda: None)
                if conversation.tape is not None:
                    conversation.tape._heard["a"] = bytearray(pcm)

            def run(self) -> None:
                deed(self.conversation)

            def finish(self) -> None:
                order.append("given back")

        order: list[str] = []
        monkeypatch.setattr(LiveCall, "_terminal", lambda _self, talking: Terminal(talking))
        monkeypatch.setattr(live_call, "tell", lambda _: order.append("saved"))
        call.hold(spoken_session(None))
        return order

    return run


def interrupt(_conversation) -> None:
    raise KeyboardInterrupt


def test_what_was_heard_is_saved_after_the_terminal_was_given_back_however_it_ends(held, tmp_path):
    path = tmp_path / "out.wav"
    with pytest.raises(KeyboardInterrupt):
        held(interrupt, pcm=b"\1\0" * 100, save=str(path))
    with wave.open(str(path)) as file:
        assert file.readframes(1000) == b"\1\0" * 100
    assert held(lambda _: None, pcm=b"\1\0", save=str(path)) == ["given back", "saved"]


def test_where_nothing_was_heard_nothing_is_saved(held, tmp_path):
    path = tmp_path / "out.wav"
    assert held(lambda _: None, save=str(path)) == ["given back"]
    assert not path.exists()


def test_a_failure_of_the_conversation_is_the_commands(held):
    def fail(conversation) -> None:
        conversation._error = MediaError("microphone", "gone")

    with pytest.raises(MediaError, match="gone"):
        held(fail)


def test_a_signal_to_terminate_ends_it_with_the_code_that_a_shell_knows_and_is_nobodys_afterwards(
    held,
):
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as caught:
        held(lambda _: signal.raise_signal(signal.SIGTERM))
    assert caught.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_place_nobody_can_write_to_is_told_first(held):
    with pytest.raises(MediaError, match="no such folder"):
        held(lambda _: pytest.fail("it began"), save="/nowhere/out.wav")


def test_a_console_that_is_not_installed_is_told_and_hangs_nobody_up(held, monkeypatch):
    told: list[str] = []

    def show(conversation) -> None:
        monkeypatch.setitem(sys.modules, "trunkline.tui.app", None)
        call = LiveCall(command="talk", options=LiveOptions())
        call._console = LiveConsole("talk", hears=False)
        call._telemetry = Telemetry(call._console.desk, name="talk")
        call._talking = conversation
        call._show_console()
        told.extend(news.text for news in conversation.news)

    held(show)
    assert told == ["console: it needs the extra 'tui': pip install 'trunkline[tui]'"]
