"""The tutorial, typed into terminals as it stands; `make tutorial` does the same in a clean environment.

It takes half a minute, nearly all of it real time of calls; on a machine that is busy elsewhere, longer.
"""

from __future__ import annotations

import pytest

from docs.following import Follower
from docs.readers import reader


@pytest.mark.timeout(240)
def test_the_tutorial_is_followed_word_for_word(tmp_path):
    # What is installed here is what is tested; the clean environment installs.
    follower = Follower("docs/tutorial.md", *reader(tmp_path), seconds=180, skipped={"Install"})
    follower.follow()
    assert [line.split()[0] for line in follower.typed].count("trunkline") == 7
    assert (tmp_path / "answer.wav").stat().st_size > 100_000
