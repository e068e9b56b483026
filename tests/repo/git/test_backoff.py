"""The delay after a lost race: it depends on the duration of an attempt, and is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.repo.git.backoff import longest

_ATTEMPTS = st.integers(0, 1000)
_SECONDS = st.floats(0, 1e6)


@given(_ATTEMPTS, _SECONDS)
def test_it_is_never_nothing_and_never_long(attempt: int, took: float) -> None:
    assert 0.05 <= longest(attempt, took) <= 30


@given(_ATTEMPTS, _SECONDS)
def test_who_loses_for_the_third_time_or_later_waits_no_longer(attempt: int, took: float) -> None:
    assert longest(attempt + 1, took) >= longest(attempt + 2, took)


@given(_ATTEMPTS, st.floats(0, 30))
def test_another_can_be_done_in_it(attempt: int, took: float) -> None:
    assert longest(attempt, took) >= took


def test_the_first_wait_is_short_and_then_the_oldest_wait_least() -> None:
    assert [longest(attempt, 1) for attempt in (0, 1, 2, 3, 23, 59)] == [1, 12, 8, 6, 1, 1]
