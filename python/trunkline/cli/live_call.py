"""A live conversation as a command: its devices, its server, its telemetry, its console, and how it ends.

However it ends (a key, Ctrl-C, a signal, a line or a device that fails, a mistake of ours) the terminal is given back
first, then there is a second for a goodbye, and then what was said is saved.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trunkline.cli.aside import tell
from trunkline.errors import ConfigError, LineFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from trunkline.cli.answer_tape import AnswerTape
    from trunkline.cli.conversation import Conversation, Sound
    from trunkline.cli.live_console import LiveConsole
    from trunkline.cli.live_options import LiveOptions
    from trunkline.cli.live_terminal import LiveTerminal, PlainTerminal
    from trunkline.cli.simulated_server import SimulatedServer
    from trunkline.client.client import Line
    from trunkline.client.observers import Observer
    from trunkline.fleet.part import Part
    from trunkline.fleet.recorder import Recorder
    from trunkline.fleet.telemetry import Telemetry

__all__ = ["LiveCall", "talked_session"]

_RATE_HZ = 24_000
_GOODBYE_SECONDS = 1.0
# As a shell counts it: 128 and the signal's number.
_TERMINATED = 128 + signal.SIGTERM


def talked_session(session: dict[str, Any], *, push_to_talk: bool) -> dict[str, Any]:
    """The settings of a file's call for a live one: no tools, which nobody here would answer; turns by the button."""
    session = session | {"tools": [], "tool_choice": "none"}
    if not push_to_talk:
        return session
    audio = session["audio"]
    return session | {"audio": audio | {"input": audio["input"] | {"turn_detection": None}}}


@dataclass(kw_only=True)
class LiveCall:
    """One call, from its devices to what is saved of it."""

    command: str
    options: LiveOptions
    model: str | None = None
    save: str | None = None
    record: str | None = None
    audio: bool = False
    to: str | None = None
    """The language of an interpreter's session; None for a conversation."""
    prints: bool = True
    """Whether words are shown as they come."""
    _said: deque[str] = field(default_factory=deque, init=False)
    _tape: AnswerTape | None = field(default=None, init=False)
    _server: SimulatedServer | None = field(default=None, init=False)
    _console: LiveConsole | None = field(default=None, init=False)
    _recorder: Recorder | None = field(default=None, init=False)
    _telemetry: Telemetry | None = field(default=None, init=False)
    _talking: Conversation | None = field(default=None, init=False)
    _status: int = field(default=0, init=False)

    def hold(self, session: dict[str, Any], *observers: Observer) -> None:
        """Talks until somebody or something ends it, and saves what was heard, also of a call that failed.

        Raises ConfigError without a key, MediaError for a device that cannot be had, LineFailed if the line ends,
        SystemExit if it was terminated.
        """
        from trunkline.cli.file_call import check_target
        from trunkline.cli.switching import switching_quickly

        check_target(self.save)
        session = talked_session(session, push_to_talk=self.options.push_to_talk)
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._ending_on_sigterm())
            self._serve(stack)
            self._watch(stack)
            stack.enter_context(switching_quickly())
            self._perform(session, observers)

    def _serve(self, stack: contextlib.ExitStack) -> None:
        if self.options.simulated:
            from trunkline.cli.simulated_server import SimulatedServer

            # It is a process of its own, which takes a moment.
            tell("starting the simulator")
            self._server = stack.enter_context(SimulatedServer(seed=0, scenario={}))

    def _watch(self, stack: contextlib.ExitStack) -> None:
        """Telemetry for whoever wants it: the console behind a key, a recording, consoles of other processes."""
        from trunkline.cli.fault_menu import SimulatorFaults
        from trunkline.cli.live_console import LiveConsole
        from trunkline.cli.live_terminal import is_terminal
        from trunkline.cli.publishing import keeps_audio, recorder_for, telemetry_for

        faults = SimulatorFaults(lambda: self._server)
        self._recorder = recorder_for(self.record, audio=self.audio)
        parts: list[Part] = [] if self._recorder is None else [self._recorder]
        if is_terminal():
            # The recorded turns and the interpreter are nobody's voices.
            is_nobody = self.options.simulated and self.options.heard_input == "demo"
            hears = is_nobody or keeps_audio()
            self._console = LiveConsole(self.command, hears=hears, faults=faults)
            parts = [self._console.desk, *parts]
        self._telemetry = telemetry_for(self.command, *parts, faults=faults)
        if self._telemetry is not None:
            stack.callback(self._telemetry.close)

    def _perform(self, session: dict[str, Any], observers: tuple[Observer, ...]) -> None:
        from trunkline.cli.live_terminal import is_terminal
        from trunkline.cli.words import Words

        words = Words(self._said.append, live=is_terminal())
        seen: tuple[Observer, ...] = (*observers, words) if self.prints else observers
        conversation = self._conversation(session, seen)
        terminal = self._terminal(conversation)
        conversation.start()
        try:
            terminal.run()
        finally:
            conversation.stop()
            conversation.wait(_GOODBYE_SECONDS)
            if not conversation.is_running:
                # Its thread is the only other one that has them.
                words.close()
            terminal.finish()
            self._save()
        with self._advising():
            conversation.check()
        if self._status:
            sys.exit(self._status)

    def _conversation(
        self, session: dict[str, Any], observers: tuple[Observer, ...]
    ) -> Conversation:
        from trunkline.cli.answer_tape import AnswerTape
        from trunkline.cli.conversation import Conversation

        self._tape = None if self.save is None else AnswerTape()
        self._talking = Conversation(
            line=lambda seen: self._line(session, seen),
            sound=self._sound(),
            push_to_talk=self.options.push_to_talk,
            observers=observers,
            tape=self._tape,
            ended=self._ended,
            is_interpreted=self.to is not None,
        )
        return self._talking

    def _is_answered(self) -> bool:
        """For a source that waits for answers, and is made before the conversation that gets them."""
        return self._talking is not None and self._talking.is_answered()

    def _sound(self) -> Sound:
        from trunkline.cli.conversation import Sound
        from trunkline.cli.sound import echo_of, sink_of, source_of

        options = self.options
        return Sound(
            echo=echo_of(options.chosen_echo),
            source=source_of(options.heard_input, is_answered=self._is_answered),
            sink=sink_of(options.output_name, is_needed=not options.simulated),
        )

    def _line(self, session: dict[str, Any], observers: tuple[Observer, ...]) -> Line:
        server = self._server
        where: dict[str, Any] = {
            "api_key": None if server is None else server.key,
            "base_url": None if server is None else server.base_url,
            "observers": observers,
            "telemetry": self._telemetry,
            "name": self.command,
        }
        line = self._dialed(session, where)
        line.measure()
        return line

    def _dialed(self, session: dict[str, Any], where: dict[str, Any]) -> Line:
        import trunkline
        from trunkline.cli.interpreter_call import interpreter

        if self.to is not None:
            return interpreter(to=self.to, model=self.model, **where)
        return trunkline.connect(model=self.model, session=session, **where)

    def _terminal(self, conversation: Conversation) -> LiveTerminal | PlainTerminal:
        from trunkline.cli.live_terminal import LiveTerminal, PlainTerminal, look_of

        if self._console is None:
            return PlainTerminal(conversation, self._said)
        look = look_of(ascii_only=self.options.ascii_only)
        return LiveTerminal(conversation, self._said, look, show_console=self._show_console)

    def _show_console(self) -> None:
        assert self._console is not None
        assert self._telemetry is not None
        assert self._talking is not None
        try:
            self._console.show(
                self._telemetry,
                recorder=self._recorder,
                theme=self.options.theme,
                ascii_only=self.options.ascii_only,
            )
        except ConfigError as error:
            # No console is no reason to hang up.
            self._talking.say(str(error))
        if self._status:
            sys.exit(self._status)

    @contextlib.contextmanager
    def _advising(self) -> Iterator[None]:
        """A server without an interpreter is told as such."""
        from trunkline.cli.interpreter_call import advised

        try:
            yield
        except LineFailed as failure:
            if self.to is None:
                raise
            raise advised(failure) from failure

    def _ended(self) -> None:
        if self._console is not None:
            self._console.end("the conversation is over")

    @contextlib.contextmanager
    def _ending_on_sigterm(self) -> Iterator[None]:
        before = signal.signal(signal.SIGTERM, self._terminate)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def _terminate(self, _number: int, _frame: FrameType | None) -> None:
        """The screens of the console end by themselves, or the terminal would stay theirs."""
        self._status = _TERMINATED
        if self._console is not None and self._console.is_shown:
            self._console.end("terminated")
        else:
            sys.exit(_TERMINATED)

    def _save(self) -> None:
        from trunkline.devices.wavfile import write_wav

        if self.save is None or self._tape is None or not self._tape.pcm:
            return
        pcm = self._tape.pcm
        write_wav(self.save, pcm, rate_hz=_RATE_HZ)
        tell(f"saved {len(pcm) / 2 / _RATE_HZ:.1f} s of answer to {self.save}")
