"""Copies of JSON, which `copy.deepcopy` makes four times as slowly: it looks for what JSON cannot have."""

from __future__ import annotations

from typing import TypeVar, cast

__all__ = ["copied"]

_Json = TypeVar("_Json")


def copied(value: _Json) -> _Json:
    """The same value, sharing no object or array with it."""
    if isinstance(value, dict):
        return cast("_Json", {key: copied(each) for key, each in value.items()})
    if isinstance(value, list):
        return cast("_Json", [copied(each) for each in value])
    return value
