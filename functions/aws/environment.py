"""The functions' environment variables: what each needs, by the names that template.yaml sets.

A field is named for its variable, in small letters. Each handler reads its class when it is
imported, so a function that lacks a variable fails in its init phase and says which one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from functools import cache
from typing import Self, get_type_hints


class EnvironmentIncomplete(Exception):
    """Variables are missing, or hold no number where one is needed; the message names them."""


@dataclass(frozen=True)
class Environment:
    """What every function has; order_cancellation reads no more."""

    order_table: str
    config_table: str

    @classmethod
    @cache
    def read(cls) -> Self:
        """The variables of this process. Raises EnvironmentIncomplete."""
        types = get_type_hints(cls)
        names = [field.name for field in fields(cls)]
        if missing := [name.upper() for name in names if name.upper() not in os.environ]:
            raise EnvironmentIncomplete(f"Set in the environment: {', '.join(missing)}.")
        try:
            return cls(**{name: types[name](os.environ[name.upper()]) for name in names})
        except ValueError as error:
            raise EnvironmentIncomplete(f"A variable needs a whole number: {error}.") from None


@dataclass(frozen=True)
class BaristaCallback(Environment):
    """``oidc_issuer`` and what follows it are empty where the stack has no sign-in.

    ``localstack_endpoint`` is where browsers find an emulator's API, and empty on AWS.
    """

    event_bus_name: str
    heartbeat_seconds: int
    unsigned_staff: str
    localstack_endpoint: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_role_claim: str
    oidc_role: str


@dataclass(frozen=True)
class CustomerNotification(Environment):
    """Where customers subscribe."""

    customer_topic_arn: str


@dataclass(frozen=True)
class OrderTracking(Environment):
    """``order_processor`` is the ARN of the state machine."""

    event_bus_name: str
    order_processor: str
    order_retention_days: int


@dataclass(frozen=True)
class Storefront(Environment):
    """The bus that it orders on."""

    event_bus_name: str
