"""The codes at the counter, and who may order with them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from aws.clients import config_table, dynamodb, order_codes
from aws.order_codes import LOOKED_AT, SECRET_KEY, OrderCodes
from aws.order_table import OrderTable
from aws.secret import make_secret
from orders.model import CodeRules, Status
from orders.order_codes import ALPHABET, LENGTH, CodeRefused
from orders.outcomes import Refusal
from tests.unit.api import request
from tests.unit.events import NOW as ENDED_AT
from tests.unit.events import RUN
from tests.unit.tables import Tables

NOW = datetime(2026, 3, 2, 8, 16, tzinfo=UTC)
RULES = CodeRules(minutes=5, orders=2)
SHOWN_UNTIL = datetime(2026, 3, 2, 8, 20, tzinfo=UTC)
PAGE = {"page": "https://shop.example/v1/order"}

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def codes() -> OrderCodes:
    return order_codes()


def refused(codes: OrderCodes, code: str | None, order: str = "1", at: datetime = NOW) -> bool:
    try:
        codes.use(code, RULES, order, at)
    except CodeRefused:
        return True
    return False


def test_a_code_is_shown_until_its_time_is_over(codes: OrderCodes) -> None:
    code, until = codes.current(RULES, NOW)
    assert until == SHOWN_UNTIL
    assert codes.current(RULES, until - timedelta(seconds=1)) == (code, until)
    assert codes.current(RULES, until)[0] != code
    assert (len(code), set(code) <= set(ALPHABET)) == (LENGTH, True)


def test_a_code_is_good_for_as_long_again(codes: OrderCodes) -> None:
    code, until = codes.current(RULES, NOW)
    last = until + timedelta(minutes=5, seconds=-1)
    assert not refused(codes, code, at=last)
    with pytest.raises(CodeRefused, match="too old"):
        codes.use(code, RULES, "2", last + timedelta(seconds=1))


def test_a_code_of_the_future_is_not_good_yet(codes: OrderCodes) -> None:
    code, _ = codes.current(RULES, SHOWN_UNTIL)
    assert refused(codes, code, at=SHOWN_UNTIL - timedelta(seconds=1))


def test_a_code_is_typed_as_people_type(codes: OrderCodes) -> None:
    code, _ = codes.current(RULES, NOW)
    assert not refused(codes, f" {code[:4].lower()}-{code[4:].lower()} ")


@pytest.mark.parametrize("given", [None, "", "  ", "-"])
def test_without_a_code_there_is_no_order(codes: OrderCodes, given: str | None) -> None:
    with pytest.raises(CodeRefused, match="counter"):
        codes.use(given, RULES, "1", NOW)


@pytest.mark.parametrize("given", ["A", "2" * 8, "ÄÖÜ", "\ud800", "x" * 100])
@pytest.mark.parametrize("shown", [False, True])
def test_a_guess_is_wrong(codes: OrderCodes, given: str, shown: bool) -> None:
    if shown:
        codes.current(RULES, NOW)
    with pytest.raises(CodeRefused, match="wrong"):
        codes.use(given, RULES, "1", NOW)


def test_a_code_is_used_up_and_the_next_one_is_not(codes: OrderCodes) -> None:
    code, until = codes.current(RULES, NOW)
    assert [refused(codes, code, order) for order in "1231"] == [False, False, True, False]
    with pytest.raises(CodeRefused, match="next"):
        codes.use(code, RULES, "3", NOW)
    following, _ = codes.current(RULES, until)
    assert not refused(codes, following, "3", until)
    assert refused(codes, code, "4", until)


def test_of_two_who_use_a_code_for_the_last_time_at_once_one_is_let_in(codes: OrderCodes) -> None:
    code, _ = codes.current(RULES, NOW)
    assert not refused(codes, code, "1")
    overtaking = ["2"]
    let_in: list[bool] = []

    def overtake(**_: object) -> None:
        """Before one order writes, another one does all that it has to."""
        if overtaking:
            let_in.append(not refused(codes, code, overtaking.pop()))

    writes = "provide-client-params.dynamodb.UpdateItem"
    dynamodb().meta.client.meta.events.register(writes, overtake)
    let_in.append(not refused(codes, code, "3"))
    assert let_in == [True, False]


def test_at_the_defaults_nobody_takes_all_slots_with_the_codes_of_the_moment(
    tables: Tables, codes: OrderCodes
) -> None:
    tables.configure(orderCodes=True)
    config = config_table().load_config()
    assert config.order_codes
    rules = config.order_codes
    shown = [codes.current(rules, at)[0] for at in (NOW - timedelta(minutes=rules.minutes), NOW)]

    def is_let_in(code: str, order: str) -> bool:
        with suppress(CodeRefused):
            codes.use(code, rules, order, NOW)
            return True
        return False

    let_in = [is_let_in(code, f"{code} {order}") for code in shown for order in range(30)]
    assert 0 < sum(let_in) < config.capacity


@pytest.mark.parametrize(
    ("status", "details", "comes_back"),
    [
        (Status.CANCELED, {}, True),
        (Status.REJECTED, {"code": Refusal.FULL}, True),
        (Status.REJECTED, {"code": Refusal.DECLINED}, False),
        (Status.READY, {}, False),
        (Status.TIMED_OUT, {}, False),
        (None, {}, False),
    ],
)
def test_an_order_without_a_slot_gives_its_use_back(
    tables: Tables,
    codes: OrderCodes,
    order_table: OrderTable,
    status: Status | None,
    details: dict[str, str | None],
    comes_back: bool,
) -> None:
    code, _ = codes.current(RULES, NOW)
    for order in "12":
        assert not refused(codes, code, order)
        tables.claim(order)
    if status:
        order_table.end("1", RUN, status, ENDED_AT, details)
    assert [refused(codes, code, order) for order in "34"] == [not comes_back, True]


def test_ordering_and_canceling_in_turn_uses_no_code_up(
    tables: Tables, codes: OrderCodes, order_table: OrderTable
) -> None:
    rules = CodeRules()
    code, _ = codes.current(rules, NOW)
    for number in range(3 * LOOKED_AT):
        codes.use(code, rules, str(number), NOW)
        tables.claim(str(number))
        order_table.end(str(number), RUN, Status.CANCELED, ENDED_AT, {})
    codes.use(code, rules, "an honest customer's", NOW)


def test_a_code_for_many_is_looked_at_in_parts(
    codes: OrderCodes, order_table: OrderTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise each order with such a code that is used up would cost a thousand reads."""
    rules = CodeRules(orders=2 * LOOKED_AT)
    code, _ = codes.current(rules, NOW)
    for number in range(rules.orders):
        codes.use(code, rules, str(number), NOW)
    looked_at: list[str] = []
    monkeypatch.setattr(order_table, "load_public", looked_at.append)
    with pytest.raises(CodeRefused):
        codes.use(code, rules, "one more", NOW)
    assert len(looked_at) == LOOKED_AT


def test_the_record_of_a_code_expires(tables: Tables, codes: OrderCodes) -> None:
    code, until = codes.current(RULES, NOW)
    codes.use(code, RULES, "1", NOW)
    kept = [item for item in tables.config.scan()["Items"] if "orderIds" in item]
    assert kept == [
        {
            "PK": f"order-code#5#{int(NOW.timestamp()) // 300}",
            "orderIds": {"1"},
            "expiration": int(until.timestamp()) + 600,
        }
    ]


def test_two_functions_that_make_the_secret_at_once_have_the_same(codes: OrderCodes) -> None:
    first, second = (make_secret(codes._table, SECRET_KEY) for _ in range(2))
    assert first == second == codes._secret()


def test_other_minutes_are_another_code(codes: OrderCodes) -> None:
    code, _ = codes.current(RULES, NOW)
    assert codes.current(CodeRules(minutes=10), NOW)[0] != code


def test_staff_see_the_code_and_its_picture(tables: Tables) -> None:
    assert request("GET", "/order-code", query=PAGE)[0] == 404
    tables.configure(orderCodes={"minutes": 5, "orders": 2})
    status, shown = request("GET", "/order-code", query=PAGE)
    assert status == 200
    assert datetime.fromisoformat(shown["renewedAt"]) > datetime.now(UTC)
    size = len(shown["qr"])
    assert {len(row) for row in shown["qr"]} == {size}
    assert set("".join(shown["qr"])) == {"0", "1"}
    for row in shown["qr"][:1] + shown["qr"][6:7]:  # The edges of the two upper finders.
        assert (row[:7], row[-7:]) == ("1111111", "1111111")


@pytest.mark.parametrize(
    "page", [None, "", "javascript:1", "https://a b", "https://a/" + "b" * 500]
)
def test_a_picture_is_of_a_link(tables: Tables, page: str | None) -> None:
    tables.configure(orderCodes=True)
    query = {} if page is None else {"page": page}
    assert request("GET", "/order-code", query=query)[0] == 422
