"""The order table: one item an order, and one for each notification."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from aws.order_item import assign, read_order, write_decision
from orders.model import Barista, Cancel, Decision, Fail, Order, Status, TaskToken, Use, attributes
from orders.notifications import Record, RunRecords, end_key, preparing_key, record_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

# The index has two partitions, each oldest first: the orders that have not ended, and the ended
# ones that still hold personal data.
COUNTER_INDEX, ACTIVE, ENDED = "counter", "active", "ended"

# A policy that names attributes must allow the keys of the table and of the index, too.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
_QUEUE = ("orderId", "counter", "receivedAt", "status")
_COUNTER = tuple(dict.fromkeys((*_QUEUE, *attributes(Use.COUNTER).values())))
_PUBLIC = ("orderId", "status", *attributes(Use.CUSTOMER).values())


@dataclass(frozen=True)
class Written:
    """A conditional write that took place."""

    before: Order | None
    """The order as it was; None if the table had no order yet."""

    @property
    def task_token(self) -> TaskToken | None:
        """The token that the order had, None if no run waited."""
        return self.before.task_token if self.before else None


class OrderTable:
    """Reads orders, and changes them with conditional writes.

    Most writes name the run that they belong to (``execution``, the ARN of the workflow execution
    that claimed the order), so that a late or repeated event of an earlier run changes nothing.
    Throttling and outages surface as ``ClientError`` for the caller's retry.
    """

    def __init__(self, dynamodb: DynamoDBServiceResource, name: str) -> None:
        self._table = dynamodb.Table(name)

    # --- Reading ---

    def load(self, order_id: str) -> Order | None:
        """The order, read consistently; None if it is unknown."""
        return read_order(self._item(order_id))

    def load_public(self, order_id: str) -> Order | None:
        """What the order's customer may see of it, read consistently; None if it is unknown.

        The storefront's role may read no other attributes.
        """
        answer = self._table.get_item(
            Key={"orderId": order_id}, ConsistentRead=True, **_only(*_PUBLIC)
        )
        return read_order(answer.get("Item", {}))

    def load_records(self, execution: str) -> RunRecords:
        """The records of the notifications about a run, read consistently."""
        preparing, end = (
            Record.read(self._item(record_id(key)))
            for key in (preparing_key(execution), end_key(execution))
        )
        return RunRecords(preparing, end)

    def list_active(self) -> Iterator[Order]:
        """The orders that have not ended, oldest first, from an index that holds no tokens."""
        return filter(None, map(read_order, self._query_active(*_COUNTER)))

    def list_in_preparation(self) -> Iterator[Order]:
        """Of the active orders those in preparation."""
        return (order for order in self.list_active() if order.status is Status.IN_PREPARATION)

    def list_queue(self) -> Iterator[str]:
        """The ids of the orders in preparation, oldest first; the storefront may read no more."""
        queue = self._query_active(*_QUEUE)
        return (item["orderId"] for item in queue if item["status"] == Status.IN_PREPARATION)

    def list_recently_ended(self, limit: int) -> Iterator[Order]:
        """Of the ended orders that still hold personal data those received last, latest first."""
        latest = self._query(
            "#counter = :ended",
            {":ended": ENDED},
            ScanIndexForward=False,
            Limit=limit,  # The size of a page; no second page is read.
            **_only(*_COUNTER),
        )
        return filter(None, map(read_order, islice(latest, limit)))

    def list_ended_before(self, time: str) -> Iterator[str]:
        """The ids of the orders that ended before a time and still hold personal data."""
        ended = self._query(
            "#counter = :ended AND receivedAt < :time",
            {":ended": ENDED, ":time": time},
            FilterExpression="endedAt < :time",
            ProjectionExpression="orderId",
            ExpressionAttributeNames={"#counter": "counter"},
        )
        return (item["orderId"] for item in ended)

    # --- Deciding ---

    def decide(
        self,
        order_id: str,
        decision: Decision,
        now: str,
        *,
        sent_at: str | None = None,
        replacing: Decision | None = None,
    ) -> Written | None:
        """Record a decision how the wait for the barista ends: the first one is kept.

        Only the same decision may be there already, or the one that it is ``replacing``. A
        barista's decision needs a workflow that waits. A cancellation may come before the order,
        and then waits for it. It may also come after the order has ended and been started again:
        with a ``sent_at`` from before that end it is about the earlier run, and is refused. Returns
        None if something else was decided, or if there is nothing to decide.
        """
        there = write_decision(replacing or decision)
        there.pop("name", None)  # It may change, or be another's too.
        own = " AND ".join(f"decision.{name} = :{name}" for name in there)
        condition = f"attribute_not_exists(endedAt) AND (attribute_not_exists(decision) OR {own})"
        values: dict[str, Any] = {f":{name}": value for name, value in there.items()}
        if not isinstance(decision, Cancel):
            condition += " AND attribute_exists(taskToken)"
        elif sent_at:
            condition += " AND (attribute_not_exists(overAt) OR overAt <= :sentAt)"
            values[":sentAt"] = sent_at
        values[":decision"] = write_decision(decision) | {"at": now}
        return self._update(order_id, "SET decision = :decision", condition, values)

    def prolong(self, order_id: str, barista: Barista, now: str) -> None:
        """Note when the time of an order that still waits began anew, and who asked for that."""
        self._update(
            order_id,
            "SET prolongedAt = :now, prolongedBy = :name",
            "attribute_exists(taskToken)",
            {":now": now, ":name": barista.name},
        )

    # --- Following a run ---

    def claim_unclaimed(
        self, order_id: str, execution: str, received_at: str, fields: dict[str, str | None]
    ) -> None:
        """Claim an order that no run has, for one that broke; ``fields`` as for ``end``."""
        values, assignments = assign(fields)
        self._update(
            order_id,
            "SET #status = :received, #counter = :active, receivedAt = :receivedAt,"
            f" execution = :execution{assignments}"
            " REMOVE endedAt, code, message, decided",
            "attribute_not_exists(execution)",
            {":received": str(Status.RECEIVED), ":active": ACTIVE}
            | {":receivedAt": received_at, ":execution": execution}
            | values,
        )

    def start_preparation(
        self, order_id: str, execution: str, token: TaskToken, attempt: int, since: str
    ) -> Written | None:
        """Keep the task token of a run that waits for the barista.

        Each attempt of the wait has a token of its own, which replaces the earlier ones, and their
        events may arrive in any order. ``attempt`` is the state's RetryCount, and ``since`` when it
        began. Returns None if the run no longer has the order or was cleaned up after, or if the
        token of a later attempt is stored.
        """
        return self._update(
            order_id,
            "SET #status = :status, taskToken = :token, attempt = :attempt, preparingAt = :since",
            "execution = :execution AND attribute_not_exists(endedAt)"
            " AND (attribute_not_exists(attempt) OR attempt <= :attempt)"
            " AND (attribute_not_exists(decision) OR decision.kind <> :fail)",
            {":status": str(Status.IN_PREPARATION), ":execution": execution}
            | {":token": str(token), ":attempt": attempt, ":since": since, ":fail": Fail.kind},
        )

    def stop_waiting(self, order_id: str, execution: str) -> Written | None:
        """Remove the token of a run that broke; what was decided until now is final.

        If nobody has decided, the order fails. Returns None if the order has ended or another run
        has it.
        """
        return self._update(
            order_id,
            "SET decision = if_not_exists(decision, :fail) REMOVE taskToken",
            "execution = :execution AND attribute_not_exists(endedAt)",
            {":execution": execution, ":fail": write_decision(Fail())},
        )

    def end(
        self,
        order_id: str,
        execution: str | None,
        status: Status,
        now: str,
        fields: dict[str, str | None],
    ) -> Written | None:
        """Record how an order ended, with ``fields`` of Order to set with it.

        ``execution`` is the run that ended, None for an order that no run claimed, such as an
        invalid one. Returns None if the end is recorded already or another run has the order.
        """
        run = "execution = :execution" if execution else "attribute_not_exists(execution)"
        values, assignments = assign(fields)
        return self._update(
            order_id,
            f"SET #status = :status, endedAt = :now, #counter = :ended,"
            " receivedAt = if_not_exists(receivedAt, :now),"
            f" decided = if_not_exists(decision, :none){assignments}"
            " REMOVE taskToken, attempt, decision",
            f"{run} AND attribute_not_exists(endedAt)",
            {":status": str(status), ":now": now, ":ended": ENDED, ":none": {}}
            | ({":execution": execution} if execution else {})
            | values,
        )

    # --- Forgetting people ---

    def forget(self, order_id: str, ended_before: str) -> bool:
        """Remove the personal data of an order that ended before a time.

        Its id, its execution, how it ended and when stay: they tell a repeat of its event. Returns
        whether the data was removed now.
        """
        kept = attributes(Use.PAST)
        personal = [name for field, name in attributes().items() if field not in kept]
        written = self._update(
            order_id,
            "REMOVE decided, #counter" + "".join(f", #{name}" for name in personal),
            "#counter = :ended AND endedAt < :time",
            {":ended": ENDED, ":time": ended_before},
        )
        return written is not None

    def _item(self, order_id: str) -> Mapping[str, Any]:
        answer = self._table.get_item(Key={"orderId": order_id}, ConsistentRead=True)
        return answer.get("Item", {})

    def _query_active(self, *attributes: str) -> Iterator[Mapping[str, Any]]:
        return self._query("#counter = :active", {":active": ACTIVE}, **_only(*attributes))

    def _query(
        self, condition: str, values: Mapping[str, Any], **more: Any
    ) -> Iterator[Mapping[str, Any]]:
        pages = self._table.meta.client.get_paginator("query").paginate(
            TableName=self._table.name,
            IndexName=COUNTER_INDEX,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            **more,
        )
        for page in pages:
            yield from page["Items"]

    def _update(
        self,
        order_id: str,
        update: str,
        condition: str,
        values: Mapping[str, Any],
    ) -> Written | None:
        """None if the condition does not hold. #name stands for an attribute, as in a query."""
        names = {f"#{name}": name for name in re.findall(r"#(\w+)", update + condition)}
        more: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        try:
            answer = self._table.update_item(
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
        return Written(read_order(answer.get("Attributes", {})))


def _only(*attributes: str) -> dict[str, Any]:
    """The parameters of a read that returns these attributes."""
    names = {f"#{name}": name for name in attributes}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
