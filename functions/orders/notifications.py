"""What is remembered of the notifications: a record for each news of a run, in the order table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

from orders.model import Status, iso

# Longer than an event can lie in the rule's dead-letter queue and, moved back, in the function's
# queues: 14 days each.
REMEMBERED_SECONDS = 30 * 24 * 3600

# What the id of each record begins with.
RECORDS = "notification"


# The attributes of a record.
EXPIRATION, STATUS = "expiration", "idempotencyStatus"


@dataclass(frozen=True)
class Record:
    """What is known of one news: when its publishing began or, if it is over, ended.

    The time is to the second. While ``is_published`` is false it is being published now, or the
    function died at it.
    """

    at: str
    is_published: bool

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Record | None:
        """The record in an item of the order table; None if there is none."""
        if EXPIRATION not in item:
            return None
        began = int(item[EXPIRATION]) - REMEMBERED_SECONDS
        return cls(iso(datetime.fromtimestamp(began, UTC)), item[STATUS] == "COMPLETED")


@dataclass(frozen=True)
class Told:
    """What a run's customer was told."""

    preparing: Record | None
    end: Record | None


def preparing_key(owner: str) -> str:
    """The key of the news that a run waits for its barista; ``owner`` is as a rule its ARN."""
    return f"notification#{owner}#{Status.IN_PREPARATION}"


def end_key(owner: str) -> str:
    """The key of the news how a run ended: all its ends share it."""
    return f"notification#{owner}#end"


def record_id(key: str) -> str:
    """The id of the item that says whether the news with this key was published.

    Powertools' idempotency makes it, of the prefix and a digest:
    https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/
    """
    digest = md5(json.dumps(key).encode(), usedforsecurity=False).hexdigest()
    return f"{RECORDS}#{digest}"
