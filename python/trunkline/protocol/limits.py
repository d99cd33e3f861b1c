"""How large and how deep what a server says may be, before anything of ours is made of it.

Problem: a message of 32 MiB is taken, since an item that is asked back may hold that much audio. What is in one is the
server's choice alone: ten thousand brackets in each other break whatever walks through them later (a fold, a log, a
debugger), a million small objects take fifty times their bytes.

Our way: a message is parsed only if it can hold no more than so many objects, and walked through only if it could be
too deep or have too long a string. Of ordinary ones neither is true, which two counts and a length tell. What is over a
limit is malformed like any other nonsense: told, survived, and too much of it ends the link.
"""

from __future__ import annotations

__all__ = [
    "LONGEST_DELTA",
    "LONGEST_ITEM_SECONDS",
    "LONGEST_STRING",
    "MOST_CONTAINERS",
    "MOST_DEPTH",
    "MOST_MESSAGES_PER_SECOND",
    "complaint",
    "may_be_over",
]

MOST_DEPTH = 64
"""Objects and lists in each other; a tool's JSON schema, which is the deepest there is, has some twenty."""
MOST_CONTAINERS = 1_000_000
"""Objects and lists in one message."""
LONGEST_STRING = 24 * 1024 * 1024
"""Characters: six minutes of audio in base64."""
LONGEST_DELTA = 16 * 1024 * 1024
"""Characters of base64 in one delta of audio: four minutes, where servers send a fifth of a second."""
LONGEST_ITEM_SECONDS = 600
"""Of audio in one item of an answer; the API's longest answers (4096 tokens) are some three minutes."""
MOST_MESSAGES_PER_SECOND = 5_000
"""Over ten seconds; an answer that comes at ten times the speed of speech has five hundred."""


def may_be_over(message: bytes) -> bool:
    """Whether what the message holds must be looked through. Raises ValueError if it must not even be parsed."""
    count = message.count(b"{") + message.count(b"[")
    if count > MOST_CONTAINERS:
        raise ValueError(f"it has more than {MOST_CONTAINERS} objects and lists")
    return count > MOST_DEPTH or len(message) > LONGEST_STRING


def complaint(data: object) -> str:
    """What is too deep or too long in it; nothing if all is well. Goes by levels, so it needs no stack."""
    level: list[object] = [data]
    for _ in range(MOST_DEPTH):
        below: list[object] = []
        for value in level:
            if isinstance(value, dict):
                below += value
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str) and len(value) > LONGEST_STRING:
                return f"a string is longer than {LONGEST_STRING} characters"
        if not below:
            return ""
        level = below
    is_deeper = any(isinstance(value, dict | list) for value in level)
    return f"it is nested deeper than {MOST_DEPTH}" if is_deeper else ""
