"""The pytest plugin: a fixture `realtime_server`, and a marker of the same name for its settings.

    def test_mine(realtime_server):
        client = OpenAI(base_url=realtime_server.base_url, api_key=realtime_server.key)
        ...
        assert realtime_server.sessions[0].appended_ms == 1000

    @pytest.mark.realtime_server(voice="tone", profile="azure-ga")
    def test_another(realtime_server): ...

pytest finds it by its entry point, so it is imported in every run of every project that has trunkline
installed: nothing else is loaded until a test asks for the fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.simulator.background import BackgroundServer

__all__ = ["pytest_configure", "realtime_server"]


def pytest_configure(config: pytest.Config) -> None:
    """Announce the marker."""
    config.addinivalue_line(
        "markers",
        "realtime_server(**settings): settings of trunkline's simulator for the fixture of that "
        "name (voice, seed, pace, profile, scenario, tls and others)",
    )


@pytest.fixture
def realtime_server(request: pytest.FixtureRequest) -> Iterator[BackgroundServer]:
    """A Realtime server on this machine, on a thread of its own, new for every test."""
    # The server brings aiohttp and numpy along.
    from trunkline.simulator.background import BackgroundServer  # noqa: PLC0415

    settings: dict[str, object] = {}
    for marker in reversed(list(request.node.iter_markers("realtime_server"))):
        settings |= marker.kwargs
    with BackgroundServer(**settings) as server:
        yield server
