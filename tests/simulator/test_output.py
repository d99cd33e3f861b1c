from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator.output import within_tokens


@given(st.lists(st.text(min_size=1)), st.integers(0, 50))
def test_the_pieces_within_a_limit_are_the_first_ones(pieces, tokens):
    kept = within_tokens(pieces, tokens)
    assert "".join(pieces).startswith("".join(kept))
    assert len("".join(kept)) <= 4 * max(tokens, 1)
    assert bool(kept) == bool(pieces)


@pytest.mark.parametrize("pieces", [[], ["one", " two"]])
def test_without_a_limit_all_pieces_stay(pieces):
    assert within_tokens(pieces, None) == pieces
