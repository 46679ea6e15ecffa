"""The plan of `make play`."""

import pytest

from harness.day import CUSTOMERS, SERVICES, plan


def test_one_seed_gives_one_plan() -> None:
    days = [plan(7, 60) for _ in range(3)]
    assert days[0] == days[1] == days[2]
    assert {day.digest for day in days} == {"14a86ba8bc8c"}
    assert plan(8, 60).digest != days[0].digest


@pytest.mark.parametrize("seed", range(20))
def test_half_a_minute_has_each_kind_of_person(seed: int) -> None:
    day = plan(seed, 30)
    assert {visit.customer for visit in day.visits} == set(CUSTOMERS)
    assert {visit.service for visit in day.visits} == {*SERVICES, ""}
    assert {visit.on_page for visit in day.visits} == {True, False}
    assert all(visit.steps[0].what in {"orders", "cancels"} for visit in day.visits)
