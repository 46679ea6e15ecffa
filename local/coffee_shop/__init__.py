"""The coffee shop as a project of the embedded LocalStack."""

import embedded_localstack  # noqa: F401 - it sees to standard input before all other imports.

# isort: split
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, override

import boto3
from botocore.exceptions import ClientError

from embedded_localstack.checkout import Checkout
from embedded_localstack.sam import ARCHITECTURE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

STACK: Final = "coffee-orders"

BARISTAS: Final = ("Julia", "Marco")
"""The baristas. They sign in without a password; whoever else signs in is a customer."""

SIZES: Final = ("small", "large")
DRINKS: Final = {
    "Espresso": (),
    "Americano": SIZES,
    "Flat white": (),
    "Cappuccino": SIZES,
    "Latte": SIZES,
    "Tea": SIZES,
}
EXTRAS: Final = {
    ("Milk", "one"): ("oat milk", "soy milk"),
    ("Extras", "any"): ("extra shot", "decaf", "to go"),
}
MENU: Final = {
    "PK": "menu",
    "items": [
        {"name": name, "sizes": list(sizes), "soldOut": False} for name, sizes in DRINKS.items()
    ],
    "groups": [
        {
            "name": group,
            "choose": choose,
            "extras": [{"name": name, "soldOut": False} for name in names],
        }
        for (group, choose), names in EXTRAS.items()
    ],
    "version": 1,
}
"""What the store offers at first: functions/orders/menu.py reads it."""


class CoffeeShop(Checkout):
    """A checkout of this repository."""

    command = "make"
    # uv.lock has the version of the SAM CLI.
    sources = ("template*.yaml", "samconfig.toml", "uv.lock", "functions", "statemachine")
    functions = "functions"
    workflow = "statemachine"
    users = {  # noqa: RUF012 - it is a ClassVar of Checkout
        name: {"cognito:groups": ["barista"], "preferred_username": name} for name in BARISTAS
    }
    stack = STACK

    @override
    def parameters(self) -> dict[str, str]:
        return {"Architecture": ARCHITECTURE} | emulator_parameters(self.endpoint, self.issuer)

    @override
    def begin(self, outputs: Mapping[str, str]) -> str:
        """Open the store and put up a menu, unless it has a configuration and a menu already."""
        table = boto3.resource("dynamodb").Table(outputs["ConfigTableName"])
        _put_missing(table, MENU)
        opened = _put_missing(table, {"PK": "config", "open": True})
        return "the store is open" if opened else ""

    @override
    def addresses(self, outputs: Mapping[str, str]) -> dict[str, str]:
        signing_in = f"(sign in as {' or '.join(BARISTAS)})"
        return {
            "Order a coffee": outputs["OrderPageUrl"],
            "Work at the counter": f"{outputs['CounterPageUrl']} {signing_in}",
            "See the board": outputs["BoardPageUrl"],
            "Watch the workflow": f"{outputs['WorkflowPageUrl']} (as a barista)",
            "API": outputs["ApiUrl"],
        }


def emulator_parameters(endpoint: str, issuer: str = "") -> dict[str, str]:
    """The parameters that an emulator needs and AWS does not.

    Without a sign-in everybody is staff: no emulator says who has signed a request.
    """
    staff = {"OidcIssuer": issuer} if issuer else {"UnsignedStaff": "allowed"}
    return {"LocalStackEndpoint": endpoint, **staff}


def _put_missing(table: "Table", item: Mapping[str, Any]) -> bool:
    try:
        table.put_item(Item=item, ConditionExpression="attribute_not_exists(PK)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True
