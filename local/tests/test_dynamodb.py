"""DynamoDB on moto is atomic."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from parts import Parts

ROUNDS, THREADS, SLOTS = 50, 20, 10

# So many clauses that moto takes a few milliseconds for an update, longer than a thread of Python
# has its turn. Without the lock that makes (almost) every round admit too many.
MORE_CLAUSES = ", ".join(f"a{number} = :slots" for number in range(10))


def test_a_conditional_update_admits_exactly_as_many_as_it_says(
    parts: Parts,
) -> None:
    dynamodb, table = parts.client("dynamodb"), parts.table()
    start = Barrier(THREADS)

    def reserve(reservations: str, order: str) -> bool:
        start.wait()
        try:
            dynamodb.update_item(
                TableName=table,
                Key={"PK": {"S": reservations}},
                UpdateExpression=f"ADD orders :order SET {MORE_CLAUSES}",
                ConditionExpression="attribute_not_exists(orders) OR size(orders) < :slots",
                ExpressionAttributeValues={
                    ":order": {"SS": [order]},
                    ":slots": {"N": str(SLOTS)},
                },
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as threads:
        for reservations in map(str, range(ROUNDS)):
            orders = [f"order-{number}" for number in range(THREADS)]
            won = list(threads.map(reserve, [reservations] * THREADS, orders))

            item = dynamodb.get_item(TableName=table, Key={"PK": {"S": reservations}})["Item"]
            winners = {order for order, has_won in zip(orders, won, strict=True) if has_won}
            assert (len(winners), set(item["orders"]["SS"])) == (SLOTS, winners)
