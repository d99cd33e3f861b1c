from __future__ import annotations

from simulator.sitting import Sitting, append, loud, user_text
from trunkline.simulator.bill import Bill
from trunkline.simulator.refusals import server_trouble
from trunkline.simulator.tokens import Cost, transcription_usage, usage

READ = Cost(text=10, audio=20, image=3, cached_text=4, cached_audio=5, cached_image=1)


def test_the_tokens_of_all_responses_are_summed_by_their_kind():
    bill = Bill()
    for _ in range(2):
        bill.note_response(usage(READ, text_out=7, audio_out=9))
    assert (bill.responses, bill.text_in, bill.audio_in, bill.image_in) == (2, 20, 40, 6)
    assert (bill.cached_text_in, bill.cached_audio_in, bill.cached_image_in) == (8, 10, 2)
    assert (bill.text_out, bill.audio_out, bill.total_tokens) == (14, 18, 98)


def test_what_cost_nothing_is_not_on_it():
    bill = Bill()
    bill.note_response(None)
    bill.note_response(usage(Cost(), text_out=0, audio_out=0))
    assert bill == Bill()


def test_transcriptions_are_paid_by_tokens_or_by_time():
    bill = Bill()
    bill.note_transcription(transcription_usage(24 * 1000, "four" * 3))
    bill.note_transcription({"type": "duration", "seconds": 1.5})
    assert bill.transcriptions == 2
    assert (bill.transcription_audio_in, bill.transcription_text_out) == (10, 3)
    assert bill.transcription_seconds == 1.5
    assert bill.to_dict()["total_tokens"] == 0


def test_a_session_pays_for_what_it_was_sent():
    sitting = Sitting()
    sitting.detect()
    sitting.send(append(loud(1000)))
    sitting.send("input_audio_buffer.commit")
    sitting.send("response.create")
    sitting.wait(5)
    sitting.send(user_text("hello"))
    sitting.engine.fail_next_response(server_trouble("sess_1"))
    sitting.send("response.create")
    sitting.wait(5)
    bill = sitting.engine.history.bill
    assert (bill.responses, bill.audio_in, bill.audio_out) == (1, 10, 10)
    assert sitting.engine.history.to_dict()["billed"]["audio_in"] == 10
