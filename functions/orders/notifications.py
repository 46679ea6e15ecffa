"""The record of each notification: an item of the order table, by its idempotency key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

from orders.model import RESERVED, Status, iso

# Longer than an event can lie in the rule's dead-letter queue and, moved back, in the function's
# queues: 14 days each.
KEPT_SECONDS = 30 * 24 * 3600

# The attributes of a record.
EXPIRATION, STATUS = "expiration", "idempotencyStatus"


@dataclass(frozen=True)
class Record:
    """When a notification was published, to the second.

    While ``is_published`` is false it is when the publishing began: it goes on, or the function was
    killed during it.
    """

    at: str
    is_published: bool

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Record | None:
        """The record in an item of the order table; None if there is none."""
        if EXPIRATION not in item:
            return None
        began = int(item[EXPIRATION]) - KEPT_SECONDS
        return cls(iso(datetime.fromtimestamp(began, UTC)), item[STATUS] == "COMPLETED")


@dataclass(frozen=True)
class RunRecords:
    """The records of the notifications about one run."""

    preparing: Record | None
    end: Record | None


def preparing_key(owner: str) -> str:
    """The idempotency key of "in preparation"; ``owner`` is mostly the ARN of the run."""
    return f"{RESERVED}{owner}#{Status.IN_PREPARATION}"


def end_key(owner: str) -> str:
    """The idempotency key of how a run ended: all its ends share it."""
    return f"{RESERVED}{owner}#end"


def record_id(key: str) -> str:
    """The id of the record's item, as Powertools' idempotency makes it: a prefix and a digest.

    https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/
    """
    digest = md5(json.dumps(key).encode(), usedforsecurity=False).hexdigest()
    return f"{RESERVED}{digest}"
