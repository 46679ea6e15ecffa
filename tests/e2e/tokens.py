"""The task tokens of a run, and the texts that hold one."""

from collections.abc import Iterable

from harness.orders import WAITING

from .shop import DeployedShop


def all_tokens(shops: Iterable[DeployedShop]) -> set[str]:
    return {
        event["detail"]["TaskToken"]
        for shop in shops
        for event in shop.bus.received(lambda event: event["detail-type"] == WAITING)
    }


def containing_any(texts: list[str], secrets: set[str]) -> list[str]:
    """The texts that tell a secret, cut short."""
    assert secrets
    return [text[:500] for text in texts if any(secret in text for secret in secrets)]
