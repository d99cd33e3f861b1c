"""What a process shows of itself, gathered in sinks by name: logs, objects, frames, errors."""

from __future__ import annotations

import copy
import io
import logging
import pickle
import traceback
import warnings
from collections import Counter, defaultdict
from dataclasses import is_dataclass
from functools import partial
from pathlib import Path
from types import FrameType

import trunkline
from scenarios.canary import Word
from trunkline.client.credentials import Secret
from trunkline.client.redaction import LiveKey
from trunkline.telemetry.logformat import JsonFormatter
from trunkline.transports.base import Headers

# Wherever it is installed.
_OURS = str(Path(trunkline.__file__).parent)
# What a server holds of its callers' keys is another question, and a tool's; it has a sink of its own.
_SERVERS = tuple(f"{_OURS}/{layer}/" for layer in ("simulator", "gauntlet"))
# They hold the facts of all lines; what they write are sinks of their own.
_WATCHING = ("trunkline.fleet", "trunkline.telemetry", "trunkline.simulator")
_KEEPERS = (Secret, LiveKey, Headers)
_DEEP, _SHALLOW = 7, 2
# A line holds hundreds of alike objects: of each type so many are looked at, and of all together so many.
_ALIKE, _MOST = 5, 800


class Harvest(logging.Handler):
    """Sinks by name, each a text that grows; as a handler of logs it is four of them."""

    def __init__(self, decoy: Word) -> None:
        super().__init__(logging.NOTSET)
        self.decoy = decoy
        self.secrets: set[Word] = set()
        self._sinks: defaultdict[str, io.BytesIO] = defaultdict(io.BytesIO)
        self._text = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._json = JsonFormatter()
        self._copied: Counter[type] = Counter()

    def add(self, sink: str, told: object) -> None:
        data = told if isinstance(told, bytes) else str(told).encode("utf-8", "backslashreplace")
        self._sinks[sink].write(data + b"\n")

    def sinks(self) -> dict[str, bytes]:
        return {name: sink.getvalue() for name, sink in self._sinks.items()}

    # Logs.

    def emit(self, record: logging.LogRecord) -> None:
        self.add("log records as text", self._text.format(record))
        self.add("log records as JSON", self._json.format(record))
        self.add("log records as objects", vars(record))

    def warn(self, message, category, filename, lineno, file=None, line=None) -> None:
        self.add("warnings", warnings.formatwarning(message, category, filename, lineno, line))

    # Objects.

    def show(self, *things: object, deep: bool = False) -> None:
        """What a debugger, a logger or a mistake would show of them, and of what they hold."""
        seen: set[int] = set()
        kinds: Counter[type] = Counter()
        for thing in things:
            self._walk(thing, seen, kinds, _DEEP if deep else _SHALLOW)

    def _walk(self, thing: object, seen: set[int], kinds: Counter[type], depth: int) -> None:
        if id(thing) in seen or depth == 0 or kinds[type(thing)] > _ALIKE or len(seen) > _MOST:
            return
        seen.add(id(thing))
        if isinstance(thing, bytes | bytearray | memoryview):
            return
        self.add("repr, str, format and vars of objects", repr(thing))
        if type(thing).__module__.startswith("trunkline"):
            self.add("repr, str, format and vars of objects", f"{thing} {thing:}")
            kinds[type(thing)] += 1
            if self._copied[type(thing)] < _ALIKE:
                self._copied[type(thing)] += 1
                self._copy(thing)
        for one in _held_by(thing):
            self._walk(one, seen, kinds, depth - 1)

    def _copy(self, thing: object) -> None:
        attempts = [pickle.dumps, copy.copy]
        if is_dataclass(thing) or isinstance(thing, BaseException | Secret):
            # What others hold may be the event loop.
            attempts.append(copy.deepcopy)
        for attempt in attempts:
            try:
                self.add("pickles and copies", attempt(thing))
            except Exception as error:  # noqa: BLE001 - most are not to be copied, which is an answer
                self.add("pickles and copies", repr(error))

    # Errors and frames.

    def error(self, error: BaseException) -> None:
        """A traceback with the locals of all frames but the tests', along the chain."""
        self.add("exceptions and their chains", "".join(traceback.format_exception(error)))
        while error is not None:
            self.add("exceptions and their chains", f"{error!r} {error} {error.args!r}")
            self.show(error)
            for frame, _ in traceback.walk_tb(error.__traceback__):
                self.frame("tracebacks with locals", frame)
            error = error.__cause__ or error.__context__

    def frame(self, sink: str, frame: FrameType) -> None:
        file = frame.f_code.co_filename
        is_ours = file.startswith(_OURS) and not file.startswith(_SERVERS)
        if is_ours or "/websockets/" in file or "/h11/" in file:
            held = ", ".join(
                f"{name}={_safe_repr(value)}" for name, value in frame.f_locals.items()
            )
            self.add(sink, f"{file}:{frame.f_lineno} {held}")


def _safe_repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - an object that is being made has no repr yet
        return f"<{type(error).__name__}>"


def _held_by(thing: object) -> list[object]:
    if isinstance(thing, _KEEPERS):
        # The only ones that may; what they show was just shown.
        return []
    if isinstance(thing, dict):
        return [*thing, *thing.values()]
    if isinstance(thing, list | tuple | set | frozenset):
        return list(thing)
    if isinstance(thing, partial):
        return [thing.func, *thing.args, *thing.keywords.values()]
    bound = getattr(thing, "__self__", None)
    if bound is not None:
        return [bound]
    module = type(thing).__module__
    if not module.startswith("trunkline") or module.startswith(_WATCHING):
        return []
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    names = [*getattr(thing, "__dict__", {}), *slots]
    return [getattr(thing, name) for name in names if hasattr(thing, name)]
