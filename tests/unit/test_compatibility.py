"""What make compatibility makes of the tests' outcome."""

from compatibility import Outcome


def complaints(outcome: Outcome) -> list[str]:
    return list(outcome.complaints(most_skipped=1 / 10))


def test_few_skipped_tests_are_fine_and_counted_by_their_reason() -> None:
    outcome = Outcome(
        "Other", 0, 30, 0, {"test_a::x": "slow", "test_a::y": "slow", "test_b::x": "no"}
    )

    assert complaints(outcome) == []
    assert outcome.row == "| Other | 27 of 30 | slow (2)<br>no (1) |"


def test_more_skipped_tests_are_too_many() -> None:
    skipped = {f"test_a::{number}": "slow" for number in range(4)}

    assert complaints(Outcome("Other", 0, 30, 0, skipped)) == [
        "Other: more than 10% of the tests were skipped"
    ]


def test_a_test_that_works_on_every_emulator_is_never_skipped() -> None:
    assert complaints(Outcome("Other", 0, 30, 0, {"test_repeats::x": "slow"})) == [
        "Other: test_repeats::x must not be skipped"
    ]


def test_failed_tests_are_no_passed_ones() -> None:
    outcome = Outcome("Other", 1, 30, 2, {})

    assert complaints(outcome) == ["Other: the tests ended with 1"]
    assert outcome.row == "| Other | 28 of 30 | nothing |"
