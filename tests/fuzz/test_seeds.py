"""What fuzzing starts from is stored, and for every target there is."""

from __future__ import annotations

from fuzz.seeds import SEEDS, seeds


def test_the_stored_seeds_are_those_that_the_script_writes():
    stored = {
        target.name: {seed.name: seed.read_bytes() for seed in target.iterdir()}
        for target in SEEDS.iterdir()
    }
    assert stored == seeds()


def test_every_fuzz_target_has_seeds():
    targets = (SEEDS.parent / "fuzz_targets").glob("*.rs")
    assert {target.stem for target in targets} == set(seeds())
