"""Events on their way to the application, from the core's queue and from the short way."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import serve

import trunkline
from client.test_listening import DELTA, IDS, ITEM, SAMPLES, Summing, until
from trunkline.client.delivery import Delivery
from trunkline.client.inbox import Inbox
from trunkline.protocol.events import AudioCleared, AudioDelta, Event
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import MessagePassed


def delta(number: int = 0) -> AudioDelta:
    return AudioDelta(response_id="r", item_id="i", output_index=0, content_index=number, pcm=b"ab")


class Desk:
    """A delivery, and who listens."""

    def __init__(self, *, limit_bytes: int = 100) -> None:
        self.events: list[Event] = []
        self.dropped: list[int] = []
        self.inbox = Inbox(limit_bytes=limit_bytes)
        self.delivery = Delivery(self.events, self.inbox, self.dropped.append)
        self.told: list[Event] = []

    async def listen(self, take=None) -> asyncio.Task[None]:
        take = take or self.told.append
        listening = asyncio.create_task(self.inbox.listen(take, audio=take))
        await asyncio.sleep(0)
        return listening


def run(scenario) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 10))


def test_events_go_to_the_inbox_in_order_and_what_it_drops_is_told():
    async def scenario():
        desk = Desk(limit_bytes=3)
        desk.events.extend([AudioCleared(), delta(), delta(1)])
        desk.delivery.deliver()
        desk.delivery.heard(delta(2))
        assert (list(desk.events), desk.dropped) == ([], [2, 2])
        assert [await desk.inbox.get(), await desk.inbox.get()] == [AudioCleared(), delta(2)]

    run(scenario)


def test_who_listens_is_given_a_delta_at_once_behind_what_waits():
    async def scenario():
        desk = Desk()
        await desk.listen()
        desk.delivery.heard(delta())
        desk.events.append(AudioCleared())
        desk.delivery.heard(delta(1))
        assert desk.told == [delta(), AudioCleared(), delta(1)]

    run(scenario)


def test_what_follows_from_an_event_comes_after_it_and_not_within():
    async def scenario():
        desk, order = Desk(), []

        def take(event: Event) -> None:
            order.append(("begins", event))
            if event == delta():
                desk.events.append(AudioCleared())
                desk.delivery.deliver()
                desk.delivery.heard(delta(1))
            order.append(("ends", event))

        await desk.listen(take)
        desk.delivery.heard(delta())
        events = [delta(), AudioCleared(), delta(1)]
        assert order == [(what, event) for event in events for what in ("begins", "ends")]

    run(scenario)


def test_what_a_listener_raises_is_its_own_and_the_next_event_waits():
    async def scenario():
        desk = Desk()

        def take(event: Event) -> None:
            desk.events.append(AudioCleared())
            raise ValueError(event)

        listening = await desk.listen(take)
        desk.delivery.heard(delta())
        desk.delivery.heard(delta(1))
        with pytest.raises(ValueError, match="content_index=0"):
            await listening
        assert [await desk.inbox.get(), await desk.inbox.get()] == [AudioCleared(), delta(1)]

    run(scenario)


# Over a real link.


class Server:
    """Speaks as soon as it is spoken to."""

    def __init__(self, deltas: int) -> None:
        self.deltas = deltas
        self.got: list[bytes] = []
        self.go_on = asyncio.Event()

    async def __call__(self, link) -> None:
        await link.send(
            json.dumps({"type": "session.created", "session": {"id": "s", "model": "m"}})
        )
        update = json.loads(await link.recv())
        await link.send(json.dumps({"type": "session.updated", "session": update["session"]}))
        response = {"id": "r", "conversation_id": "c"}
        await link.send(json.dumps({"type": "response.created", "response": response}))
        item = {"item": ITEM, "previous_item_id": None}
        await link.send(json.dumps({"type": "conversation.item.added"} | item))
        async for message in link:
            event = json.loads(message)
            assert event["type"] == "input_audio_buffer.append"
            self.got.append(base64.b64decode(event["audio"]))
            if self.deltas:
                self.deltas -= 1
                # Whole as in the bytes of one frame: a server of text has its own way of writing them.
                await link.send(DELTA)

    @property
    def heard(self) -> bytes:
        return b"".join(self.got)


@asynccontextmanager
async def talking(server: Server, take):
    """A line that somebody listens to; and what did not go the short way, by its number of bytes."""
    async with serve(server, "127.0.0.1", 0, compression=None) as served:
        port, summing, left = served.sockets[0].getsockname()[1], Summing(), []
        line = trunkline.connect(
            model="m",
            api_key="sk-test-short",
            base_url=f"ws://127.0.0.1:{port}/v1",
            observers=[summing],
        )
        async with line:
            listening = asyncio.create_task(line.listen(take))
            (link,) = line._driver._links.values()
            connection, was_read = link._connection, link._connection.was_read

            def counted(nbytes: int) -> None:
                left.append(nbytes)
                was_read(nbytes)

            connection.was_read = counted
            yield line, left, summing, listening
        if not listening.done():
            await listening


def test_ordinary_audio_goes_the_short_way_both_ways_and_is_in_the_books():
    async def scenario():
        server, heard, chunk = Server(200), [], bytes(range(240)) * 4
        async with talking(server, heard.append) as (line, left, summing, _):

            def audio() -> list[AudioDelta]:
                return [event for event in heard if isinstance(event, AudioDelta)]

            for count in range(1, 201):
                line.send_audio(chunk)
                await until(lambda count=count: len(audio()) == count)
            assert line.books().accepted == 200 * SAMPLES
            assert server.heard == chunk * 200
            assert [event.pcm for event in audio()] == [bytes(2 * SAMPLES)] * 200
            names = [one.split(":") for one in IDS.replace('"', "").split(",")]
            assert {(e.response_id, e.item_id) for e in audio()} == {(names[0][1], names[1][1])}
            assert sum(nbytes > 1000 for nbytes in left) < 20
            entry = line._connection._conversation.ledger.get("i")
            line.books()
            assert entry.received_samples == 200 * SAMPLES
        told = [fact for fact in summing.facts if isinstance(fact, MessagePassed)]
        assert len(told) < 40

    run(scenario)


def test_a_listener_that_fails_on_the_short_way_ends_its_listening_and_not_the_line():
    async def scenario():
        server, heard = Server(50), []

        def take(event: Event) -> None:
            heard.append(event)
            if sum(isinstance(one, AudioDelta) for one in heard) == 5:
                raise RuntimeError("enough")

        async with talking(server, take) as (line, _, _, listening):
            for count in range(1, 31):
                line.send_audio(bytes(960))
                await until(lambda count=count: len(server.got) == count)
            assert line.state is State.LIVE
            with pytest.raises(RuntimeError, match="enough"):
                await listening
        assert sum(isinstance(one, AudioDelta) for one in heard) == 5

    run(scenario)
