"""Many orders at once, and what came of each."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from harness.ledger import events_by_order
from harness.orders import CREATED, REJECTED, WAITING, Order
from harness.polling import until
from harness.shop import DeployedShop

BATCH = 10  # As many entries as PutEvents takes.
CROWD_SECONDS = 120

type Event = tuple[str, dict[str, object]]


def new_orders(number: int) -> list[Order]:
    return [Order() for _ in range(number)]


def at_once[Item](
    do: Callable[[Item], object], items: Iterable[Item], concurrency: int = 4
) -> None:
    with ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(do, items))


def publish_at_once(shop: DeployedShop, events: Sequence[tuple[str, dict[str, str]]]) -> None:
    batches = [events[start : start + BATCH] for start in range(0, len(events), BATCH)]
    at_once(lambda batch: shop.publish_all(*batch), batches, concurrency=10)


def place_at_once(shop: DeployedShop, orders: Sequence[Order]) -> None:
    publish_at_once(shop, [(CREATED, order.detail) for order in orders])


def decided(shop: DeployedShop, orders: Sequence[Order]) -> tuple[list[Order], list[Order]]:
    """Those in preparation and those refused for lack of capacity, once that is known of all."""

    def answers() -> dict[str, str]:
        said = events_by_order(shop, orders)
        return {
            order_id: event["detail"].get("code", WAITING)
            for order_id, events in said.items()
            for event in events
            if event["detail-type"] in (WAITING, REJECTED)
        }

    answered = until(
        f"decision about {len(orders)} orders",
        answers,
        lambda seen: len(seen) == len(orders),
        within=CROWD_SECONDS,
    )
    assert set(answered.values()) <= {WAITING, "ERROR-103"}, answered
    let_in = [order for order in orders if answered[order.order_id] == WAITING]
    refused = [order for order in orders if answered[order.order_id] != WAITING]
    for order in let_in:  # Before that, a barista cannot click.
        shop.wait_for_status(order, "in preparation")
    return let_in, refused
