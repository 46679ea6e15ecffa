"""Orders, reservations and the store's configuration in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from orders.model import (
    Barista,
    Cancel,
    CodeRules,
    Complete,
    Decided,
    Decision,
    Decline,
    Order,
    Status,
    StoreState,
    TaskToken,
)
from orders.notifications import Record, Told, end_key, preparing_key, record_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

# An index in two partitions, each oldest first: the orders that have not ended, and those that have
# but still hold what is of a person.
COUNTER_INDEX, ACTIVE, ENDED = "counter", "active", "ended"
DEFAULT_CAPACITY = Decimal(10)

# Fields of Order, and the attributes that keep them as they are.
_TEXTS = {
    "user_id": "userId",
    "name": "name",
    "drink": "drink",
    "execution": "execution",
    "barista_id": "baristaId",
    "code": "code",
    "message": "message",
    "received_at": "receivedAt",
    "preparing_at": "preparingAt",
    "prolonged_at": "prolongedAt",
    "prolonged_by": "prolongedBy",
    "ended_at": "endedAt",
    "over_at": "overAt",
}

# A policy that names attributes must allow the keys of the table and of the index, too.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
_QUEUE = ("orderId", "counter", "receivedAt", "status")
_OF_THE_ACTIVE = (
    *_QUEUE,
    *("userId", "name", "drink", "execution", "preparingAt", "prolongedAt"),
)
_PUBLIC = ("orderId", "status", "name", "drink", "baristaId", "code", "message", "receivedAt")


class OrderStore:
    """The order table, with one item an order, and two items of the config table.

    ``config`` is what people edit. ``reservations`` is what the workflow counts: a set of the names
    of the executions that have a slot. So no edit of the first can lose the second.

    Writes are conditional and name the run that they belong to (``execution``, the ARN of the
    workflow execution that claimed the order), so that a late or repeated event of an earlier run
    changes nothing. Throttling and outages surface as ``ClientError`` for the caller's retry.
    """

    def __init__(
        self, dynamodb: DynamoDBServiceResource, order_table: str, config_table: str
    ) -> None:
        self._orders = dynamodb.Table(order_table)
        self._config = dynamodb.Table(config_table)

    def get(self, order_id: str) -> Order | None:
        """The order, read consistently; None if it is unknown."""
        return _order(self._item(order_id))

    def public(self, order_id: str) -> Order | None:
        """What the order's customer may see of it, read consistently; None if it is unknown.

        The storefront's role reads no other attributes, task tokens least of all.
        """
        answer = self._orders.get_item(
            Key={"orderId": order_id}, ConsistentRead=True, **_only(*_PUBLIC)
        )
        return _order(answer["Item"]) if "Item" in answer else None

    def told(self, execution: str) -> Told:
        """What the customer of a run was told, read consistently."""
        preparing, end = (
            Record.read(self._item(record_id(key)))
            for key in (preparing_key(execution), end_key(execution))
        )
        return Told(preparing, end)

    def on_the_counter(self) -> Iterator[Order]:
        """The orders in preparation, oldest first, from an index that holds no tokens."""
        return (order for order in self.active() if order.status is Status.IN_PREPARATION)

    def active(self) -> Iterator[Order]:
        """The orders that have not ended, oldest first, from the same index."""
        return filter(None, map(_order, self._active(*_OF_THE_ACTIVE)))

    def recently_ended(self, at_most: int) -> Iterator[Order]:
        """Of the orders that have ended and still hold people, those received last, latest first.

        From the same index.
        """
        latest = self._query(
            "#counter = :ended",
            {":ended": ENDED},
            ScanIndexForward=False,
            Limit=at_most,  # Of a page, and no second one is asked for.
            **_only(*_OF_THE_ACTIVE, "endedAt"),
        )
        return filter(None, map(_order, islice(latest, at_most)))

    def queue(self) -> Iterator[str]:
        """The ids of the orders in preparation, oldest first, and nothing else of them."""
        for item in self._active(*_QUEUE):
            if item["status"] == Status.IN_PREPARATION:
                yield item["orderId"]

    def _active(self, *attributes: str) -> Iterator[Mapping[str, Any]]:
        return self._query("#counter = :active", {":active": ACTIVE}, **_only(*attributes))

    def _query(
        self, condition: str, values: Mapping[str, Any], **more: Any
    ) -> Iterator[Mapping[str, Any]]:
        """The items of the index that meet a key condition, as a rule oldest first."""
        pages = self._orders.meta.client.get_paginator("query").paginate(
            TableName=self._orders.name,
            IndexName=COUNTER_INDEX,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            **more,
        )
        for page in pages:
            yield from page["Items"]

    def decide(
        self, order_id: str, decision: Decision, now: str, said_at: str | None = None
    ) -> Order | None:
        """Claim the right to say how the wait for the barista ends: first come, first served.

        A cancellation may come before the order itself and waits for it; a barista's decision needs
        a workflow that waits, and may replace what the same barista has decided before. A
        cancellation may also come so late that the order has ended and was started again: with
        ``said_at`` from before that end it is about the earlier run. Returns the order as it was
        before; None if somebody else was faster, or nothing is there to decide.
        """
        item = _decision_item(decision)
        values: dict[str, Any] = {":decision": item | {"at": now}}
        if isinstance(decision, Cancel):
            mine, more = "decision.kind = :kind", ""
            values[":kind"] = item["kind"]
            if said_at:
                more = " AND (attribute_not_exists(overAt) OR overAt <= :saidAt)"
                values[":saidAt"] = said_at
        else:
            mine, more = "decision.baristaId = :barista", " AND attribute_exists(taskToken)"
            values[":barista"] = item["baristaId"]
        return self._update(
            order_id,
            "SET decision = :decision",
            f"attribute_not_exists(endedAt) AND (attribute_not_exists(decision) OR {mine}){more}",
            values,
        )

    def claim_unclaimed(
        self, order_id: str, execution: str, received_at: str, texts: dict[str, str | None]
    ) -> None:
        """Claim an order that no run has, as the workflow does; ``texts`` as for ``end``."""
        known, sets = _sets(texts)
        self._update(
            order_id,
            "SET #status = :received, #counter = :active, receivedAt = :receivedAt,"
            f" execution = :execution{sets}"
            " REMOVE endedAt, code, message, decided",
            "attribute_not_exists(execution)",
            {
                ":received": str(Status.RECEIVED),
                ":active": ACTIVE,
                ":receivedAt": received_at,
                ":execution": execution,
            }
            | known,
            ExpressionAttributeNames={"#status": "status", "#counter": "counter"},
        )

    def stop_waiting(self, order_id: str, execution: str) -> Order | None:
        """Let no barista decide any more about an order whose run broke.

        Returns the order as it was before, with what was decided until now; None if it has ended or
        another run has it.
        """
        return self._update(
            order_id,
            "REMOVE taskToken",
            "execution = :execution AND attribute_not_exists(endedAt)",
            {":execution": execution},
        )

    def start_preparation(
        self, order_id: str, execution: str, token: TaskToken, attempt: int, now: str
    ) -> Order | None:
        """Keep the task token of a run that waits for the barista.

        Each attempt of the wait (``$$.State.RetryCount``) has a token of its own, which ends those
        before it, and the events that bring them may arrive in any order.

        Returns the order as it was before; None if the run no longer has the order or a later
        attempt's token is stored, so that this one is worth nothing.
        """
        return self._update(
            order_id,
            "SET #status = :status, taskToken = :token, attempt = :attempt,"
            " preparingAt = if_not_exists(preparingAt, :now)",
            "execution = :execution AND attribute_not_exists(endedAt)"
            " AND (attribute_not_exists(attempt) OR attempt <= :attempt)",
            {
                ":status": str(Status.IN_PREPARATION),
                ":token": str(token),
                ":attempt": attempt,
                ":now": now,
                ":execution": execution,
            },
            ExpressionAttributeNames={"#status": "status"},
        )

    def end(
        self, order_id: str, execution: str, status: Status, now: str, texts: dict[str, str | None]
    ) -> Order | None:
        """Record how a run ended, with ``texts``: fields of Order to set with it.

        Returns the order as it was before; None if the end was recorded already or the order
        belongs to another run.
        """
        return self._end(
            order_id,
            "execution = :execution AND attribute_not_exists(endedAt)",
            {":execution": execution},
            status,
            now,
            texts,
        )

    def end_unclaimed(
        self, order_id: str, status: Status, now: str, texts: dict[str, str | None]
    ) -> Order | None:
        """Record the end of an order that no run ever took, such as an invalid one.

        Returns the order as it was before; None if that was recorded already or if a run has the
        order, which this must not touch.
        """
        condition = "attribute_not_exists(execution) AND attribute_not_exists(endedAt)"
        return self._end(order_id, condition, {}, status, now, texts)

    def prolong(self, order_id: str, barista: Barista, now: str) -> None:
        """Note when an order's time began anew, and by whom, if it still waits."""
        self._update(
            order_id,
            "SET prolongedAt = :now, prolongedBy = :name",
            "attribute_exists(taskToken)",
            {":now": now, ":name": barista.name},
        )

    def ended_before(self, time: str) -> Iterator[str]:
        """The ids of the orders that ended before a time and still hold what is of a person."""
        old = self._query(
            "#counter = :ended AND receivedAt < :time",
            {":ended": ENDED, ":time": time},
            FilterExpression="endedAt < :time",
            ProjectionExpression="orderId",
            ExpressionAttributeNames={"#counter": "counter"},
        )
        return (item["orderId"] for item in old)

    def forget(self, order_id: str, ended_before: str) -> bool:
        """Remove what is of a person from an order that ended before a time.

        Its id, its execution, how it ended and when stay: a repeat of its event is still one.
        Returns whether that was done now.
        """
        before = self._update(
            order_id,
            "REMOVE userId, #name, drink, baristaId, prolongedBy, decided, message, #counter",
            "#counter = :ended AND endedAt < :time",
            {":ended": ENDED, ":time": ended_before},
            ExpressionAttributeNames={"#name": "name", "#counter": "counter"},
        )
        return before is not None

    def shop(self) -> StoreState:
        """The store's configuration, read consistently; without one the store is closed."""
        item = self._config_item("config")
        capacity = item.get("capacity", DEFAULT_CAPACITY)
        return StoreState(
            is_open=item.get("open") is True,
            # What is no number lets nobody in, in the workflow, too.
            capacity=int(capacity) if isinstance(capacity, Decimal) else 0,
            reserves_slots=item.get("capacityCheck") != "executions",
            menu=tuple(drink for drink in item.get("menu", ()) if isinstance(drink, str)),
            order_codes=_code_rules(item.get("orderCodes", False)),
        )

    def slots_in_use(self) -> int:
        """How many executions hold a slot, read consistently."""
        return len(self.slots())

    def slots(self) -> set[str]:
        """The names of the executions that hold a slot, read consistently."""
        return set(self._config_item("reservations").get("reservations", ()))

    def configure(
        self,
        *,
        is_open: bool | None = None,
        capacity: int | None = None,
        order_codes: CodeRules | Literal[False] | None = None,
    ) -> None:
        """Change the store's configuration; None leaves it as it is, and False is no codes."""
        wanted: dict[str, Any] = {
            "open": is_open,
            "capacity": capacity,
            "orderCodes": asdict(order_codes) if order_codes else order_codes,
        }
        changes = {name: value for name, value in wanted.items() if value is not None}
        if changes:
            self._config.update_item(
                Key={"PK": "config"},
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
                ExpressionAttributeNames={f"#{name}": name for name in changes},
                ExpressionAttributeValues={f":{name}": value for name, value in changes.items()},
            )

    def release_capacity(self, execution: str) -> None:
        """Give an execution's slot back. Releasing what is not reserved does nothing."""
        try:
            self._config.update_item(
                Key={"PK": "reservations"},
                UpdateExpression="DELETE reservations :runs",
                ExpressionAttributeValues={":runs": {execution.rpartition(":")[2]}},
            )
        except ClientError as error:
            # Without the table there is no slot, and the order can still be ended.
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise

    def _item(self, order_id: str) -> Mapping[str, Any]:
        answer = self._orders.get_item(Key={"orderId": order_id}, ConsistentRead=True)
        return answer.get("Item", {})

    def _config_item(self, key: str) -> Mapping[str, Any]:
        answer = self._config.get_item(Key={"PK": key}, ConsistentRead=True)
        return answer.get("Item", {})

    def _end(
        self,
        order_id: str,
        condition: str,
        values: dict[str, Any],
        status: Status,
        now: str,
        texts: dict[str, str | None],
    ) -> Order | None:
        known, sets = _sets(texts)
        return self._update(
            order_id,
            f"SET #status = :status, endedAt = :now, #counter = :ended,"
            " receivedAt = if_not_exists(receivedAt, :now),"
            f" decided = if_not_exists(decision, :none){sets}"
            " REMOVE taskToken, attempt, decision",
            condition,
            {":status": str(status), ":now": now, ":ended": ENDED, ":none": {}} | values | known,
            ExpressionAttributeNames={"#status": "status", "#counter": "counter"},
        )

    def _update(
        self,
        order_id: str,
        update: str,
        condition: str,
        values: Mapping[str, Any],
        **more: Any,
    ) -> Order | None:
        try:
            answer = self._orders.update_item(
                Key={"orderId": order_id},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_OLD",
                **more,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return None
            raise
        return _order(answer.get("Attributes", {})) or Order(order_id, Status.RECEIVED)


def _only(*attributes: str) -> dict[str, Any]:
    """The parameters of a read that returns these attributes."""
    names = {f"#{name}": name for name in attributes}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}


def _sets(texts: dict[str, str | None]) -> tuple[dict[str, str], str]:
    """The values of the fields of Order that are known, and the assignments to set them."""
    known = {f":{field}": text for field, text in texts.items() if text is not None}
    return known, "".join(f", {_TEXTS[name[1:]]} = {name}" for name in known)


def _code_rules(item: object) -> CodeRules | None:
    """None where no codes are asked for. What can't be meant counts as the default."""
    if item is False:
        return None
    given = item if isinstance(item, Mapping) else {}
    limits = {"minutes": CodeRules.MAX_MINUTES, "orders": CodeRules.MAX_ORDERS}
    return CodeRules(
        **{
            name: int(number)
            for name, limit in limits.items()
            if isinstance(number := given.get(name), Decimal) and 1 <= number <= limit
        }
    )


def _order(item: Mapping[str, Any]) -> Order | None:
    """None for an item that is no order yet: a cancellation that came before it."""
    if "status" not in item:
        return None
    return Order(
        order_id=item["orderId"],
        status=Status(item["status"]),
        decision=_decision(item["decision"]) if "decision" in item else None,
        decided=_decided(item.get("decision") or item.get("decided")),
        task_token=TaskToken(item["taskToken"]) if "taskToken" in item else None,
        **{field: item.get(name) for field, name in _TEXTS.items()},
    )


def _decision(item: Mapping[str, str]) -> Decision:
    match item["kind"]:
        case "complete":
            return Complete(Barista(item["baristaId"], item["name"]))
        case "decline":
            return Decline(Barista(item["baristaId"], item["name"]), item["reason"])
        case "cancel":
            return Cancel()
        case kind:
            raise ValueError(f"No such decision: {kind}")


def _decided(item: Mapping[str, str] | None) -> Decided | None:
    """None where nobody has decided: an order that ended so has an empty item."""
    if not item:
        return None
    return Decided(item["kind"], item.get("at"), item.get("name"), item.get("reason"))


def _decision_item(decision: Decision) -> dict[str, str]:
    match decision:
        case Complete(barista):
            return {"kind": "complete", "baristaId": barista.id, "name": barista.name}
        case Decline(barista, reason):
            who = {"baristaId": barista.id, "name": barista.name}
            return {"kind": "decline", "reason": reason} | who
        case Cancel():
            return {"kind": "cancel"}
