"""How long programs pause between attempts that fail."""

from __future__ import annotations

import random

from runtime.backoff import Backoff


def test_pauses_double_up_to_the_longest_and_start_anew_after_a_success() -> None:
    backoff = Backoff(first_s=0.5, longest_s=3.0)

    assert [backoff.grow() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    assert backoff.failures == 5
    backoff.reset()
    assert (backoff.failures, backoff.grow()) == (0, 0.5)


def test_jitter_shortens_a_pause_by_at_most_its_share() -> None:
    backoff = Backoff(first_s=8.0, longest_s=8.0, jitter=0.5, uniform=random.Random(7).uniform)
    pauses = [backoff.grow() for _ in range(200)]

    assert all(4.0 <= pause <= 8.0 for pause in pauses)
    assert max(pauses) - min(pauses) > 2.0


def test_a_refusal_pauses_for_the_longest_at_once() -> None:
    backoff = Backoff(first_s=0.5, longest_s=60.0)

    assert (backoff.grow_to_longest(), backoff.grow()) == (60.0, 60.0)
    backoff.reset()
    assert backoff.grow() == 0.5


def test_after_years_of_failures_a_pause_is_still_the_longest() -> None:
    backoff = Backoff(first_s=0.5, longest_s=20.0)
    for _ in range(5000):
        backoff.grow()

    assert backoff.grow() == 20.0
