"""The check of the key: whether there is one, where it is from, and of what kind; never what it is."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trunkline.client.config import from_env
from trunkline.client.credentials import Secret, Token
from trunkline.client.keyform import KeyForm
from trunkline.client.keystore import key_file
from trunkline.client.standing import standing
from trunkline.diagnosis.finding import failed, ok, warned
from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from trunkline.diagnosis.finding import Finding
    from trunkline.diagnosis.subject import Subject

__all__ = ["check_key", "key_of"]


def key_of(subject: Subject) -> Secret | None:
    """The key that a line to this server would show, or None if there is none but in a keyring.

    Raises ConfigError if it is none.
    """
    variable = subject.endpoint.key_variable
    told = _told_key(subject)
    if told is not None:
        return told
    value = from_env(variable)
    if value is not None:
        return Secret(value)
    path = from_env(f"{variable}_FILE")
    return None if path is None else key_file(path)()


def _told_key(subject: Subject) -> Secret | None:
    """The key that this process was told, by an option or a file of settings."""
    told = standing().credential(subject.endpoint.key_variable, subject.is_told)
    # What a command was told was asked for already: its first answer is there.
    given = told() if callable(told) else told
    if isinstance(given, Token):
        return given.secret
    return Secret(given) if isinstance(given, str) else given if isinstance(given, Secret) else None


async def check_key(subject: Subject) -> Finding:
    """Whether there is a key for this server, and where it is from."""
    variable = subject.endpoint.key_variable
    path = from_env(f"{variable}_FILE")
    is_in_variable = from_env(variable) is not None
    facts: dict[str, Any] = {"variable": variable, "present": is_in_variable or path is not None}
    try:
        told = _told_key(subject)
    except ConfigError as error:
        return failed(str(error), "see what is named", **facts | {"present": True})
    if told is not None:
        facts |= {"present": True, "source": "settings", "kind": _kind(told), "file": None}
        facts |= {"shown_as": _shown_as(subject, told)}
        fact = f"{_kind(told)} {told!r} from the settings, shown as {facts['shown_as']}"
        return ok(fact, **facts)
    try:
        key = key_of(subject)
    except ConfigError as error:
        # The variable's name, since "api_key" is nothing that a person has set.
        where = variable if is_in_variable else f"{variable}_FILE"
        return failed(f"{where}: {error.reason}", "see what is named", **facts)
    if key is None and from_env(f"{variable}_KEYRING") is not None:
        # It may open a window and wait for a person.
        fact = f"the key is in the keyring ({variable}_KEYRING), which is not asked here"
        return warned(fact, f"to have it tried, set {variable} or {variable}_FILE", **facts)
    if key is None:
        advice = f"set {variable}, or {variable}_FILE to a file that only you may read"
        return warned(f"no key: neither {variable} nor {variable}_FILE is set", advice, **facts)
    source = f"from {variable}" if is_in_variable else f"from the file {path} ({_mode(path)})"
    both = is_in_variable and path is not None
    facts |= {"source": variable if is_in_variable else f"{variable}_FILE", "kind": _kind(key)}
    facts |= {"file": None if is_in_variable else path, "shown_as": _shown_as(subject, key)}
    fact = f"{_kind(key)} {key!r} {source}, shown as {facts['shown_as']}"
    if both:
        fact += f"; {variable}_FILE is set, too, and not read"
    return ok(fact, **facts)


def _kind(key: Secret) -> str:
    return "an ephemeral key" if key.is_ephemeral else "a lasting key"


def _mode(path: str | None) -> str:
    assert path is not None
    return f"mode {stat.S_IMODE(Path(path).stat().st_mode):o}"


def _shown_as(subject: Subject, key: Secret) -> str:
    shown = subject.endpoint.show(key, KeyForm.AUTO)
    if shown.subprotocols:
        return "a subprotocol"
    return f"the header {shown.headers[-1][0]}" if shown.headers else "a part of the address"
