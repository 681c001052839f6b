# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Bytes of all kinds for everything that can be fuzzed without Anki; scripts/fuzz.py goes on where this ends."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, Target

each_target = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)


def inputs_of(target: Target) -> st.SearchStrategy[bytes]:
    """Meaningful parts among others, and whole inputs in which something is changed."""
    parts = st.lists(st.one_of(st.sampled_from(target.parts), st.binary(max_size=20)), max_size=14).map(b"".join)

    def changed(seed: bytes) -> st.SearchStrategy[bytes]:
        places = st.integers(0, len(seed))
        return st.builds(lambda start, end, new: seed[:start] + new + seed[end:], places, places, parts)

    settings_of_it = st.binary(min_size=5, max_size=5)
    return st.one_of(
        st.builds(bytes.__add__, settings_of_it, parts), st.sampled_from(target.seeds).flatmap(changed), st.binary()
    )


def check(target: Target, examples: int) -> None:
    @settings(max_examples=examples)
    @given(inputs_of(target))
    def run(data: bytes) -> None:
        target.run(data)

    run()


def test_the_tests_draw_the_same_values_in_every_run() -> None:
    assert hypothesis.settings().derandomize
    assert hypothesis.settings().deadline is None


@each_target
def test_what_a_target_begins_with_passes(target: Target) -> None:
    for seed in target.seeds:
        target.run(seed)


@each_target
def test_any_bytes_pass(target: Target) -> None:
    check(target, 400)


@pytest.mark.long
@each_target
def test_many_more_bytes_pass(target: Target) -> None:
    check(target, 20_000)
