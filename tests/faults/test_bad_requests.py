"""Requests made from the API's own document, good ones and bad ones: it answers them all.

Some are sent with a body of another type, or with one that no JSON can be read from.
"""

from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from harness.deployment import ROOT
from harness.orders import DELETED, Order
from harness.shop import DeployedShop
from storefront.order import order_id

from .figures import QUIETLY, SEED, say

REQUESTS_OF_EACH = 50

DOCUMENT = schemathesis.openapi.from_path(str(ROOT / "docs" / "openapi.json"))

# What a client may call a body, and what may be in it: requests takes bytes as they are.
TYPES = ["multipart/form-data", "multipart/form-data; boundary=b", "application/json", "text/plain"]
TYPES += ["application/x-www-form-urlencoded", "Application/JSON; charset=utf-16", "image/png", ";"]
BODIES = ["☕", "--b\r\nContent-Disposition: form-data; name=☕\r\n\r\n☕\r\n--b--", "9" * 5000, ""]
BODIES += [
    f'{{"name": "Ada", "drink": "Tea", "more": {"9" * 5000}}}',
    "[" * 100_000,
    "[NaN, 1e999]",
]
bodies = st.sampled_from([body.encode() for body in BODIES]) | st.binary(max_size=30)
types = st.sampled_from(TYPES) | st.text(st.characters(min_codepoint=33, max_codepoint=126))
odd_bodies = st.tuples(types, bodies)

OPERATIONS = [(path, method) for path in DOCUMENT for method in DOCUMENT[path]]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_request_breaks_the_api(shop: DeployedShop, path: str, method: str) -> None:
    order = Order()
    shop.prepare(order)
    answers: Counter[int] = Counter()
    operation = DOCUMENT[path][method]
    left = {order.order_id}

    @seed(SEED)
    @settings(QUIETLY, max_examples=REQUESTS_OF_EACH)
    @given(
        operation.as_strategy(GenerationMode.POSITIVE)
        | operation.as_strategy(GenerationMode.NEGATIVE),
        st.integers(0, 3),
        st.none() | odd_bodies,
    )
    def send(case: schemathesis.Case[Any], known: int, odd_body: tuple[str, bytes] | None) -> None:
        if not known and "orderId" in case.path_parameters:
            case.path_parameters["orderId"] = order.order_id
        odd: dict[str, Any] = {}
        if odd_body:
            odd = {"headers": {"Content-Type": odd_body[0]}, "data": odd_body[1]}
        answer = case.call(base_url=shop.outputs["ApiUrl"], timeout=20, **odd)
        answers[answer.status_code] += 1
        told = f"{case.as_curl_command()}\n{odd_body}\n{answer.status_code} {answer.content!r}"
        # LocalStack reads a posted form itself, and fails at some before the function has them.
        # What fails in the function has a message there, as on AWS.
        form = odd_body and "multipart" in odd_body[0]
        if form and answer.status_code >= 400 and "message" not in answer.text:
            return
        assert answer.status_code < 500, told
        assert answer.status_code < 400 or answer.json()["message"], told
        # The answer about an execution has states, and names no order.
        names_order = "orderId" in case.path_parameters and not path.endswith("/execution")
        if answer.status_code == 200 and names_order:
            shown = answer.json()
            assert shown.get("order", shown)["orderId"] == case.path_parameters["orderId"], told
        if answer.status_code == 202:
            key = case.headers.get("Order-Key")
            left.add(order_id(str(key)) if key else answer.json()["orderId"])

    try:
        send()
    finally:
        shop.take_menu_away()
        shop.click(order, "take", {"baristaId": "Julia", "over": True})
        shop.give_back(order, "Julia")  # Otherwise it can't be canceled.
        for order_to_cancel in left:
            shop.publish(DELETED, {"orderId": order_to_cancel})
    say(f"{operation.label}: {answers.total()} requests, answered {dict(sorted(answers.items()))}")
