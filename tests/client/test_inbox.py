"""What the application has yet to read."""

from __future__ import annotations

import asyncio

import pytest

from trunkline.client.inbox import Inbox
from trunkline.protocol.events import AudioCleared, AudioDelta, SpeechStarted, TranslatedAudio


def _delta(size: int) -> AudioDelta:
    return AudioDelta(
        response_id="r", item_id="i", output_index=0, content_index=0, pcm=bytes(size)
    )


def test_events_come_out_in_order_and_none_after_the_end():
    async def scenario():
        inbox = Inbox()
        first, second = AudioCleared(), SpeechStarted(item_id="i", audio_start_ms=0)
        inbox.put(first)
        inbox.put(second)
        inbox.close()
        assert [await inbox.get(), await inbox.get(), await inbox.get()] == [first, second, None]
        assert await inbox.get() is None

    asyncio.run(scenario())


def test_a_reader_waits_for_news():
    async def scenario():
        inbox = Inbox()
        reader = asyncio.create_task(inbox.get())
        await asyncio.sleep(0)
        assert not reader.done()
        inbox.put(AudioCleared())
        assert await reader == AudioCleared()

    asyncio.run(scenario())


def test_a_slow_reader_loses_the_oldest_audio_and_nothing_else():
    async def scenario():
        inbox = Inbox(limit_bytes=100)
        note = SpeechStarted(item_id="i", audio_start_ms=0)
        assert inbox.put(_delta(60)) == 0
        assert inbox.put(note) == 0
        assert inbox.put(_delta(40)) == 0
        assert inbox.put(_delta(50)) == 60
        inbox.close()
        left = [await inbox.get(), await inbox.get(), await inbox.get(), await inbox.get()]
        assert [len(event.pcm) if event and event != note else event for event in left] == [
            note,
            40,
            50,
            None,
        ]

    asyncio.run(scenario())


def test_what_was_read_makes_room():
    async def scenario():
        inbox = Inbox(limit_bytes=100)
        inbox.put(_delta(100))
        await inbox.get()
        assert inbox.put(_delta(100)) == 0

    asyncio.run(scenario())


def test_what_an_interpreter_says_is_audio_too():
    async def scenario():
        inbox = Inbox(limit_bytes=100)
        assert inbox.put(TranslatedAudio(pcm=bytes(60), elapsed_ms=0)) == 0
        assert inbox.put(TranslatedAudio(pcm=bytes(50), elapsed_ms=200)) == 60
        assert (await inbox.get()).elapsed_ms == 200
        assert inbox.put(TranslatedAudio(pcm=bytes(100), elapsed_ms=400)) == 0

    asyncio.run(scenario())


def test_a_listener_is_given_what_waited_and_then_each_as_it_comes():
    async def scenario():
        inbox, heard = Inbox(limit_bytes=100), []
        inbox.put(_delta(60))
        listening = asyncio.create_task(inbox.listen(heard.append))
        await asyncio.sleep(0)
        assert len(heard) == 1
        assert inbox.put(_delta(90)) == 0
        assert inbox.put(AudioCleared()) == 0
        assert heard == [_delta(60), _delta(90), AudioCleared()]
        inbox.close()
        await listening
        assert await inbox.get() is None

    asyncio.run(scenario())


def test_what_a_listener_raises_ends_the_listening_and_no_event_is_lost():
    async def scenario():
        inbox = Inbox()

        def refuses(_event) -> None:
            raise ValueError("no")

        listening = asyncio.create_task(inbox.listen(refuses))
        await asyncio.sleep(0)
        inbox.put(AudioCleared())
        inbox.put(_delta(4))
        with pytest.raises(ValueError, match="no"):
            await listening
        assert await inbox.get() == _delta(4)

    asyncio.run(scenario())


def test_a_listener_that_is_cancelled_leaves_the_rest_to_others():
    async def scenario():
        inbox, heard = Inbox(), []
        listening = asyncio.create_task(inbox.listen(heard.append))
        await asyncio.sleep(0)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        inbox.put(AudioCleared())
        assert heard == []
        assert await inbox.get() == AudioCleared()

    asyncio.run(scenario())


def test_two_readers_lose_nothing_between_them():
    async def scenario():
        inbox = Inbox()
        readers = [asyncio.create_task(inbox.get()) for _ in range(2)]
        await asyncio.sleep(0)
        inbox.put(AudioCleared())
        inbox.put(_delta(4))
        assert await asyncio.gather(*readers) == [AudioCleared(), _delta(4)]

    asyncio.run(scenario())
