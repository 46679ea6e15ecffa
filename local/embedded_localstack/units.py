"""Counts the units that DynamoDB bills in on-demand mode, by the sizes of the items.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html (writes to an index)
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Any, Final

from localstack.aws.api import RequestContext
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import GlobalSecondaryIndex, Table

WRITE_BYTES: Final = 1024
READ_BYTES: Final = 4096

_WRITES: Final = {"PutItem", "UpdateItem", "DeleteItem"}


class Units:
    """Read and write units by table. The units of an index count with its table.

    Counted are the operations on one item, also those whose condition fails: they are billed.
    Queries, scans, batches and transactions are not counted.
    """

    def __init__(self) -> None:
        """Start at 0. Nothing is counted until `on` is set."""
        self.on = False
        self._read: defaultdict[str, float] = defaultdict(float)
        self._write: defaultdict[str, int] = defaultdict(int)

    def clear(self) -> None:
        """Reset the counts."""
        self._read.clear()
        self._write.clear()

    def report(self) -> list[dict[str, Any]]:
        """Return the counts of each table."""
        return [
            {"table": table, "read": self._read[table], "write": self._write[table]}
            for table in sorted({*self._read, *self._write})
        ]

    @contextmanager
    def counted(self, context: RequestContext, request: Mapping[str, Any]) -> Iterator[None]:
        """Count the operation that the block carries out. No other write may run meanwhile."""
        operation = context.operation.name if context.operation else ""
        if not self.on or operation not in {"GetItem", *_WRITES}:
            yield
            return
        tables = dynamodb_backends[context.account_id][context.region].tables
        table = tables.get(str(request.get("TableName")).rpartition("/")[2])
        key = request.get("Key") or request.get("Item") or {}
        # What is not there, or has no key, is refused and not billed.
        if table is None or not key.keys() >= set(table.table_key_attrs):
            yield
            return
        size, entries = _measured(table, key)
        if operation == "GetItem":
            units = ceil(max(size, 1) / READ_BYTES)
            self._read[table.name] += units if request.get("ConsistentRead") else units / 2
            yield
            return
        try:
            yield
        finally:
            size_after, entries_after = _measured(table, key)
            self._write[table.name] += _write_units(max(size, size_after))
            for name in entries | entries_after:
                self._write[table.name] += _index_units(entries.get(name), entries_after.get(name))


type _Entry = tuple[list[Any], dict[str, Any], int]
"""An item's key in an index, its projected attributes, and its size there."""


def _measured(table: Table, key: Mapping[str, Any]) -> tuple[int, dict[str, _Entry]]:
    """Return an item's size in bytes, and its entries in the indexes."""
    range_key = table.range_key_attr and DynamoType(key[table.range_key_attr])
    item = table.get_item(DynamoType(key[table.hash_key_attr]), range_key or None)
    if item is None:
        return 0, {}
    entries = {
        index.name: _entry(index, item)
        for index in table.global_indexes
        if all(attribute in item.attrs for attribute in index.schema_key_attrs)
    }
    return item.size(), entries


def _entry(index: GlobalSecondaryIndex, item: Item) -> _Entry:
    shown = index.project(item)
    attributes = shown.to_json()["Attributes"]
    return [attributes[name] for name in index.schema_key_attrs], attributes, shown.size()


def _write_units(size: int) -> int:
    return ceil(max(size, 1) / WRITE_BYTES)


def _index_units(before: _Entry | None, after: _Entry | None) -> int:
    if before and after:
        if before[0] != after[0]:  # Its key changes: taken out, and put in again.
            return _write_units(before[2]) + _write_units(after[2])
        return 0 if before[1] == after[1] else _write_units(max(before[2], after[2]))
    return sum(_write_units(entry[2]) for entry in (before, after) if entry)
