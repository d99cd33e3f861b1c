"""What pages show may reach this machine and no other."""

from __future__ import annotations

import socket

import pytest


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address):
        is_here = not isinstance(address, tuple) or address[0] in ("127.0.0.1", "::1", "localhost")
        assert is_here, f"a page's code dials {address}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
