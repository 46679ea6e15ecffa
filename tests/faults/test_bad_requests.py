"""Requests made from the API's own document, good ones and bad ones: it answers them all."""

from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from storefront.order import order_id
from tests.e2e.deployment import ROOT
from tests.e2e.orders import DELETED, Order
from tests.e2e.shop import Shop

from .figures import SEED, say

REQUESTS_OF_EACH = 50

DOCUMENT = schemathesis.openapi.from_path(str(ROOT / "docs" / "openapi.json"))


OPERATIONS = [(path, method) for path in DOCUMENT for method in DOCUMENT[path]]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_request_breaks_the_api(shop: Shop, path: str, method: str) -> None:
    order = Order()
    shop.prepare(order)
    answers: Counter[int] = Counter()
    operation = DOCUMENT[path][method]
    left = {order.order_id}

    @seed(SEED)
    @settings(
        max_examples=REQUESTS_OF_EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        operation.as_strategy(GenerationMode.POSITIVE)
        | operation.as_strategy(GenerationMode.NEGATIVE),
        st.integers(0, 3),
    )
    def send(case: schemathesis.Case[Any], known: int) -> None:
        if not known and "orderId" in case.path_parameters:
            case.path_parameters["orderId"] = order.order_id
        answer = case.call(base_url=shop.outputs["ApiUrl"], timeout=20)
        answers[answer.status_code] += 1
        told = f"{case.as_curl_command()}\n{answer.status_code} {answer.content!r}"
        assert answer.status_code < 500, told
        assert answer.status_code < 400 or answer.json()["message"], told
        asked_for = case.path_parameters.get("orderId")
        assert answer.status_code != 200 or answer.json().get("orderId") == asked_for, told
        if answer.status_code == 202:
            left.add(order_id(str(case.headers["Order-Key"])))

    send()

    say(f"{operation.label}: {answers.total()} requests, answered {dict(sorted(answers.items()))}")
    for order_to_cancel in left:
        shop.publish(DELETED, {"orderId": order_to_cancel})
