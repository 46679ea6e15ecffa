"""The config table: the store's configuration, and the slots that executions hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from aws.conditional import write_if
from aws.observability import logger
from orders.menu import Item, Menu
from orders.model import CodeRules, StoreConfig
from orders.texts import read_typed
from orders.wait import Wait

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

DEFAULT_CAPACITY = Decimal(10)
AGE_LIMIT = "orderAgeLimitMinutes"
UNKNOWN, WAIT, MENU, REFUSED = "unknown-executions", "wait", "menu", "refused-orders"
REFUSAL_MINUTES = 10
# As the rule that starts the workflow has it: MaximumEventAgeInSeconds in the template.
DEFAULT_AGE_LIMIT = Decimal(60)
CODE_LIMITS = {"minutes": CodeRules.MAX_MINUTES, "orders": CodeRules.MAX_ORDERS}


class ConfigTable:
    """The items of the config table but those of the order codes.

    People edit ``config``. The workflow keeps ``reservations``, the set of the names of the
    executions that hold a slot. They are two items so that no edit of the first can lose the
    second. Throttling and outages surface as ``ClientError`` for the caller's retry.
    """

    def __init__(self, dynamodb: DynamoDBServiceResource, name: str) -> None:
        self._table = dynamodb.Table(name)

    def load_config(self) -> StoreConfig:
        """The store's configuration, read consistently; without one the store is closed.

        An attribute of a wrong type counts as its default, or as closed, and the log names it.
        """
        config = _read_config(self._item("config"))
        if config.unreadable:
            logger.warning("The config item can't be read", attributes=config.unreadable)
        return config

    def load_menu(self, config: StoreConfig) -> Menu | None:
        """The menu that staff edit on the page, else that of the config item; None for any drink.

        It has an item of its own: whoever puts the config item anew must not lose it.
        """
        item = self._item(MENU)
        if item:
            try:
                return Menu.read(item)
            except (KeyError, TypeError, ValueError):
                logger.error("The menu can't be read, so that of the config item counts")
        return None if config.menu is None else Menu(tuple(map(Item, config.menu)))

    def save_menu(self, menu: Menu) -> Menu | None:
        """Keep a menu in place of the one with its version; None if that has changed since."""
        saved = replace(menu, version=menu.version + 1)
        written = write_if(
            lambda: self._table.put_item(
                Item={"PK": MENU, **saved.write()},
                ConditionExpression="version = :version"
                + (" OR attribute_not_exists(PK)" if menu.version == 0 else ""),
                ExpressionAttributeValues={":version": menu.version},
            )
        )
        return saved if written else None

    def load_age_limit_minutes(self) -> Decimal | None:
        """How old an order may be that an operator sends again; None if that is not a number."""
        limit = self._item("config").get(AGE_LIMIT, DEFAULT_AGE_LIMIT)
        return limit if isinstance(limit, Decimal) else None

    def change_config(
        self,
        *,
        is_open: bool | None = None,
        capacity: int | None = None,
        order_codes: CodeRules | Literal[False] | None = None,
    ) -> None:
        """Set what is given; None leaves an attribute as it is. False switches order codes off."""
        wanted: dict[str, Any] = {
            "open": is_open,
            "capacity": capacity,
            "orderCodes": asdict(order_codes) if order_codes else order_codes,
        }
        changes = {name: value for name, value in wanted.items() if value is not None}
        if changes:
            self._table.update_item(
                Key={"PK": "config"},
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
                ExpressionAttributeNames={f"#{name}": name for name in changes},
                ExpressionAttributeValues={f":{name}": value for name, value in changes.items()},
            )

    def load_slots(self) -> set[str]:
        """The names of the executions that hold a slot, read consistently."""
        return set(self._item("reservations").get("reservations", ()))

    def note_unknown(self, names: set[str], now: str) -> dict[str, str]:
        """Since when Step Functions does not know each of these executions, kept across calls."""
        known = self._item(UNKNOWN).get("since", {})
        since = {name: known.get(name, now) for name in names}
        self._table.update_item(
            Key={"PK": UNKNOWN},
            UpdateExpression="SET since = :since",
            ExpressionAttributeValues={":since": since},
        )
        return since

    def load_wait(self) -> Wait | None:
        """How long an order is likely to take; None while that is not known."""
        item = self._item(WAIT)
        known = isinstance(item.get("low"), Decimal) and isinstance(item.get("high"), Decimal)
        return Wait(float(item["low"]), float(item["high"])) if known else None

    def note_wait(self, wait: Wait | None) -> None:
        """Keep how long an order is likely to take, in whole seconds."""
        now = Wait(round(wait.low), round(wait.high)) if wait else None
        if now == self.load_wait():
            return  # As in every minute of a night.
        self._table.update_item(
            Key={"PK": WAIT},
            UpdateExpression="SET low = :low, high = :high",
            ExpressionAttributeValues={
                ":low": int(now.low) if now else None,
                ":high": int(now.high) if now else None,
            },
        )

    def note_refusal(self, now: datetime) -> None:
        """Count an order that was refused because all slots were in use."""
        minute = int(now.timestamp()) // 60
        names = {"#slot": f"minute{minute % REFUSAL_MINUTES}"}
        counted = write_if(
            lambda: self._table.update_item(
                Key={"PK": REFUSED},
                UpdateExpression="SET #slot.orders = #slot.orders + :one",
                ConditionExpression="#slot.#minute = :minute",
                ExpressionAttributeNames=names | {"#minute": "minute"},
                ExpressionAttributeValues={":one": 1, ":minute": minute},
            )
        )
        if counted is None:
            self._table.update_item(  # Two at once may count as one here.
                Key={"PK": REFUSED},
                UpdateExpression="SET #slot = :first",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={":first": {"minute": minute, "orders": 1}},
            )

    def count_refusals(self, now: datetime) -> int:
        """How many orders were refused in the last ten minutes because all slots were in use."""
        since = int(now.timestamp()) // 60 - REFUSAL_MINUTES
        slots = (kept for name, kept in self._item(REFUSED).items() if name != "PK")
        return sum(int(slot["orders"]) for slot in slots if slot["minute"] > since)

    def release_slot(self, execution: str) -> None:
        """Release the slot of an execution, given by its ARN. It need not hold one."""
        try:
            self._table.update_item(
                Key={"PK": "reservations"},
                UpdateExpression="DELETE reservations :runs",
                ExpressionAttributeValues={":runs": {execution.rpartition(":")[2]}},
            )
        except ClientError as error:
            # Without the table there is no slot, and the order can still be ended.
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise

    def _item(self, key: str) -> Mapping[str, Any]:
        answer = self._table.get_item(Key={"PK": key}, ConsistentRead=True)
        return answer.get("Item", {})


def _read_config(item: Mapping[str, Any]) -> StoreConfig:
    """The workflow reads the first three alike: a capacity that is no number is none to it."""
    is_open = item.get("open", False)
    capacity = item.get("capacity", DEFAULT_CAPACITY)
    check = item.get("capacityCheck", "reservation")
    menu = item.get("menu", [])
    drinks = [read_typed(drink) for drink in menu] if isinstance(menu, list) else [None]
    codes = item.get("orderCodes", False)
    given = codes if isinstance(codes, Mapping) else {}
    numbers = {
        name: int(number)
        for name, limit in CODE_LIMITS.items()
        if isinstance(number := given.get(name), Decimal) and 1 <= number <= limit
    }
    readable = {
        "open": isinstance(is_open, bool),
        "capacity": isinstance(capacity, Decimal),
        "capacityCheck": check in ("reservation", "executions"),
        "menu": None not in drinks,
        "orderCodes": isinstance(codes, bool | Mapping)
        and given.keys() & CODE_LIMITS.keys() == numbers.keys(),
        AGE_LIMIT: isinstance(item.get(AGE_LIMIT, DEFAULT_AGE_LIMIT), Decimal),
    }
    return StoreConfig(
        is_open=is_open is True,
        capacity=max(0, ceil(capacity)) if isinstance(capacity, Decimal) else 0,
        reserves_slots=check != "executions",
        menu=tuple(dict.fromkeys(filter(None, drinks))) if drinks else None,
        order_codes=None if codes is False else CodeRules(**numbers),
        unreadable=tuple(name for name, good in readable.items() if not good),
    )
