"""The order table: one item an order, and one for each notification."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws.conditional import write_if
from aws.counter_index import ACTIVE, ENDED
from aws.order_item import assign, read_only, read_order, write_decision
from orders.model import (
    Barista,
    Complete,
    Decision,
    Decline,
    Fail,
    Order,
    Status,
    TaskToken,
    Use,
    attributes,
)
from orders.notifications import Record, RunRecords, end_key, preparing_key, record_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

_UNTAKEN_OR_MINE = "(attribute_not_exists(takenById) OR takenById = :taker)"
_PUBLIC = ("orderId", "status", "againAs", *attributes(Use.CUSTOMER).values())


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
            Key={"orderId": order_id}, ConsistentRead=True, **read_only(*_PUBLIC)
        )
        return read_order(answer.get("Item", {}))

    def load_number(self, order_id: str) -> int | None:
        """What the counter calls the order, read consistently; None if it has no number."""
        answer = self._table.get_item(
            Key={"orderId": order_id}, ConsistentRead=True, **read_only("orderId", "number")
        )
        number: Any = answer.get("Item", {}).get("number")
        return None if number is None else int(number)

    def load_records(self, execution: str) -> RunRecords:
        """The records of the notifications about a run, read consistently."""
        preparing, end = (
            Record.read(self._item(record_id(key)))
            for key in (preparing_key(execution), end_key(execution))
        )
        return RunRecords(preparing, end)

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
        barista's decision needs a workflow that waits, and nobody else who makes the drink. A
        cancellation needs that nobody makes it, may come before the order, and then waits for it.
        It may also come after the order has ended and been started again: with a ``sent_at`` from
        before that end it is about the earlier run, and is refused. Returns None if something else
        was decided, or if there is nothing to decide.
        """
        there = write_decision(replacing or decision)
        there.pop("name", None)  # It may change, or be another's too.
        own = " AND ".join(f"decision.{name} = :{name}" for name in there)
        condition = f"attribute_not_exists(endedAt) AND (attribute_not_exists(decision) OR {own})"
        values: dict[str, Any] = {f":{name}": value for name, value in there.items()}
        if isinstance(decision, Complete | Decline):
            condition += f" AND attribute_exists(taskToken) AND {_UNTAKEN_OR_MINE}"
            values[":taker"] = decision.barista.id
        else:
            condition += " AND attribute_not_exists(takenById)"
        if sent_at:
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

    def take(self, order_id: str, barista: Barista, now: str, *, over: bool) -> Written | None:
        """Note who makes the drink of an order that waits; its time begins anew.

        Returns None if somebody has decided, or somebody else makes it, unless the barista takes it
        ``over`` from them.
        """
        condition = "attribute_exists(taskToken) AND attribute_not_exists(decision)"
        return self._update(
            order_id,
            "SET takenBy = :name, takenById = :taker, takenAt = :now, prolongedAt = :now"
            " REMOVE prolongedBy",
            condition if over else f"{condition} AND {_UNTAKEN_OR_MINE}",
            {":name": barista.name, ":now": now, ":taker": barista.id},
        )

    def give_back(self, order_id: str, barista: Barista) -> Written | None:
        """Let others take an order. Returns None if this barista does not make it any more."""
        return self._update(
            order_id,
            "REMOVE takenBy, takenById, takenAt",
            "takenById = :taker AND attribute_exists(taskToken) AND attribute_not_exists(decision)",
            {":taker": barista.id},
        )

    def note_refused_cancellation(self, order_id: str, now: str) -> None:
        """Note that the customer wanted to cancel a drink that somebody makes."""
        self._update(
            order_id,
            "SET cancelRefusedAt = :now",
            "attribute_exists(takenById) AND attribute_not_exists(endedAt)",
            {":now": now},
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
            f" sortedAt = :receivedAt, execution = :execution{assignments}"
            " REMOVE endedAt, code, message, decided",
            "attribute_not_exists(execution)",
            {":received": str(Status.RECEIVED), ":active": ACTIVE}
            | {":receivedAt": received_at, ":execution": execution}
            | values,
        )

    def start_preparation(
        self,
        order_id: str,
        execution: str,
        token: TaskToken,
        attempt: int,
        since: str,
        number: int | None = None,
    ) -> Written | None:
        """Keep the task token of a run that waits for the barista.

        Each attempt of the wait has a token of its own, which replaces the earlier ones, and their
        events may arrive in any order. ``attempt`` is the state's RetryCount, and ``since`` when it
        began. The order keeps the first ``number`` that it gets. Returns None if the run no longer
        has the order or was cleaned up after, or if the token of a later attempt is stored.
        """
        return self._update(
            order_id,
            "SET #status = :status, taskToken = :token, attempt = :attempt, preparingAt = :since"
            + (", #number = if_not_exists(#number, :number)" if number else ""),
            "execution = :execution AND attribute_not_exists(endedAt)"
            " AND (attribute_not_exists(attempt) OR attempt <= :attempt)"
            " AND (attribute_not_exists(decision) OR decision.kind <> :fail)",
            {":status": str(Status.IN_PREPARATION), ":execution": execution}
            | {":token": str(token), ":attempt": attempt, ":since": since, ":fail": Fail.kind}
            | ({":number": number} if number else {}),
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
            f"SET #status = :status, endedAt = :now, #counter = :ended, sortedAt = :now,"
            " receivedAt = if_not_exists(receivedAt, :now),"
            f" decided = if_not_exists(decision, :none){assignments}"
            " REMOVE taskToken, attempt, decision",
            f"{run} AND attribute_not_exists(endedAt)",
            {":status": str(status), ":now": now, ":ended": ENDED, ":none": {}}
            | ({":execution": execution} if execution else {})
            | values,
        )

    def note_made_again(self, order_id: str, ended_at: str, new_id: str) -> None:
        """Note on an order that ended which one makes its drink again."""
        self._update(
            order_id,
            "SET againAs = :id",
            "endedAt = :endedAt",
            {":id": new_id, ":endedAt": ended_at},
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
            "REMOVE decided, #counter, sortedAt" + "".join(f", #{name}" for name in personal),
            "#counter = :ended AND endedAt < :time",
            {":ended": ENDED, ":time": ended_before},
        )
        return written is not None

    def _item(self, order_id: str) -> Mapping[str, Any]:
        answer = self._table.get_item(Key={"orderId": order_id}, ConsistentRead=True)
        return answer.get("Item", {})

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
        answer = write_if(
            lambda: self._table.update_item(
                Key={"orderId": order_id},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_OLD",
                **more,
            )
        )
        return Written(read_order(answer.get("Attributes", {}))) if answer else None
