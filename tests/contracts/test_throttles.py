"""One source that floods the API keeps nobody else out."""

import pytest

from tests.contracts.test_routes import ROUTES, STAFF
from tests.gateway import CHECK_SECONDS, Gateway

OF_STAFF = sorted((method.upper(), path) for method, path in ROUTES if path in STAFF)
ALL = sorted((method.upper(), path) for method, path in ROUTES)
NOTICED = 2 * CHECK_SECONDS
LASTS = 150


def refused(stage: str, rate: int, method: str, resource: str) -> list[int]:
    """In which seconds somebody who sends one request a second is refused during a flood."""
    gateway = Gateway(stage)
    seconds: list[int] = []
    for second in range(LASTS):
        for number in range(rate):
            gateway.admits(second + number / rate, "a laptop", method, resource)
        if not gateway.admits(second + 0.999, "somebody else", method, resource):
            seconds.append(second)
    return seconds


@pytest.mark.parametrize(("method", "resource"), OF_STAFF)
@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_staff_notice_no_flood_of_a_few_dozen_requests(
    stage: str, method: str, resource: str
) -> None:
    rate = 6 if (method, resource) in {("POST", "/session"), ("PUT", "/session")} else 51
    assert refused(stage, rate, method, resource) == []


@pytest.mark.parametrize(("method", "resource"), ALL)
@pytest.mark.parametrize("rate", [200, 1000])
def test_in_prod_any_flood_is_over_for_others_once_it_is_noticed(
    rate: int, method: str, resource: str
) -> None:
    assert [second for second in refused("prod", rate, method, resource) if second > NOTICED] == []


@pytest.mark.parametrize(("method", "resource"), OF_STAFF)
def test_a_source_below_the_limit_takes_a_tenth_of_what_staff_have(
    method: str, resource: str
) -> None:
    gateway = Gateway("prod")
    limits = [
        int(rule.statement["Limit"]) / rule.statement["EvaluationWindowSec"]
        for rule in gateway.rules
        if not rule.statement.get("ScopeDownStatement") or method != "GET"
    ]
    assert 10 * min(limits) <= gateway.bucket(method, resource).rate
