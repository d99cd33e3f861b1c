"""Every fault that the simulator, the gauntlet and a raw server can make, each with the key on the line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from scenarios.canary import Word
from trunkline.simulator.deeds import ACTION_NAMES, GARBLES

_STARTED = {"appended_ms": 400}
_UPDATED = {"event": "session.updated"}
_REPLY = {"reply": 1, "ms": 200}


@dataclass(frozen=True)
class Example:
    """A fault of a scenario, for one call."""

    name: str
    fault: dict


def examples(key: str, decoy: str) -> list[Example]:
    """At least one of each action; where a server may say something, it repeats the key that it was shown."""
    telling = f"{decoy} asks who {key} is"
    many: dict[str, list[dict]] = {
        "rst": [{"when": _STARTED}, {"when": _REPLY}],
        "fin": [{"when": _STARTED}],
        "close": [
            {"when": _REPLY, "code": code, "reason": telling}
            for code in (1000, 1001, 1002, 1008, 1009, 1011, 1012, 1013, 3000, 4000)
        ],
        "missing_close": [{"when": _UPDATED}],
        "stall": [{"when": _STARTED, "seconds": 0.5}],
        "half_open": [{"when": _STARTED}],
        "slow_read": [{"when": _STARTED, "bytes_per_second": 20_000, "seconds": 0.5}],
        "error": [{"when": _STARTED, "message": telling, "code": "invalid_api_key"}],
        "send": [{"when": _STARTED, "event": {"type": "session.weather", "words": telling}}],
        "unknown": [{"when": _STARTED, "type": "simulator.unheard_of"}],
        "say": [{"when": _UPDATED, "text": "nothing of importance"}],
        "fail_response": [{"when": _UPDATED, "message": telling}],
        "fail_transcription": [{"when": _UPDATED}],
        "drop": [{"when": {"event": "session.created"}}, {"when": {"event": "response.done"}}],
        "delay": [{"when": {"event": "response.created"}, "seconds": 0.3}],
        "late": [{"when": {"event": "response.created"}, "seconds": 0.3}],
        "reorder": [{"when": {"event": "response.created"}}],
        "duplicate": [{"when": {"event": "session.updated"}}],
        "garble": [{"when": {"event": "response.created"}, "how": how} for how in GARBLES],
        "freeze": [{"when": _STARTED, "seconds": 0.5}],
        "refuse": [
            {"when": {"dial": 1}, **how}
            for how in (
                {"status": 401},
                {"status": 429, "retry_after": 1.0},
                {"status": 503, "retry_after": 1.0, "retry_after_form": "date"},
                {"code": 3000, "reason": "invalid_request_error.invalid_api_key"},
                {"code": 1013, "reason": "insufficient_quota.insufficient_quota"},
                {"code": 4004, "reason": telling},
            )
        ],
    }
    assert many.keys() == ACTION_NAMES.keys(), "each action of the simulator has an example here"
    return [
        Example(f"{action} {number}", {"action": action, **fields})
        for action, rows in many.items()
        for number, fields in enumerate(rows, 1)
    ]


STATUSES = (
    200,
    204,
    301,
    302,
    307,
    400,
    401,
    403,
    404,
    408,
    425,
    426,
    429,
    500,
    502,
    503,
    504,
    529,
)


def repeating(status: int, decoy: str):
    """A raw server that answers an upgrade, or a POST, with all it was told, headers and address included."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        lines = request.split(b"\r\n")
        key = next((one for one in lines if b"CANARY" in one or b"ek_" in one), b"")
        # The telling line first: only the beginning of an answer is kept at all.
        told = decoy.encode() + b" " + key.split(b": ", 1)[-1] + b" " + request
        head = [
            f"HTTP/1.1 {status} {key.decode('latin-1').replace(': ', ' ')}".encode("latin-1"),
            b"Location: https://elsewhere.example/?was=" + key.replace(b" ", b"+"),
            b"WWW-Authenticate: " + key.replace(b": ", b" "),
            b"Retry-After: 1",
            b"Content-Length: %d" % len(told),
            b"Connection: close",
        ]
        writer.write(b"\r\n".join([*head, b"", told]))
        await writer.drain()

    return handle


async def garbling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers with what is no HTTP at all: the request as it came."""
    writer.write(await reader.readuntil(b"\r\n\r\n"))
    await writer.drain()


async def switching_and_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An upgrade that is wrong, with the request in the place of the proof."""
    request = await reader.readuntil(b"\r\n\r\n")
    key = next((one for one in request.split(b"\r\n") if b"CANARY" in one), b"").split(b" ")[-1]
    head = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(head + b"Sec-WebSocket-Accept: " + key + b"\r\n\r\n")
    await writer.drain()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads the request and leaves."""
    await reader.read(100)


def keys_of(mint, before: set[str]) -> set[Word]:
    """What a simulator has minted since."""
    return {Word("ek_", key.removeprefix("ek_")) for key in set(mint._secrets) - before}
