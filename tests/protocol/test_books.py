from __future__ import annotations

from trunkline.protocol.outbox import Outbox


def test_the_books_balance_from_the_first_sample_on():
    outbox = Outbox(retention_samples=10)
    for _ in range(5):
        outbox.accept(bytes(8))
        outbox.make_room(silent_until=2)
        books = outbox.books()
        assert books.accepted == books.consumed + books.retained + books.gap
