"""Whether the stacks run on an emulator or on AWS, where only `make aws-check` tests."""

import os
from urllib.parse import urlsplit

from embedded_localstack.checkout import in_test_account

ON_AWS = "AWS_ENDPOINT_URL" not in os.environ

SETTLING_SECONDS = 60
"""How long AWS may need until a changed rule takes effect; nothing shows when it has.

It says "a short period of time": https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
"""

LOOPBACK = {"127.0.0.1", "::1", "localhost", "localhost.localstack.cloud"}


def use_test_account() -> None:
    """Leave the caller's settings of AWS, but AWS_ENDPOINT_URL: it may lead to an emulator.

    One on another machine may need the caller's credentials, so there they stay as they are.
    """
    endpoint = {name: url for name, url in os.environ.items() if name == "AWS_ENDPOINT_URL"}
    if any(urlsplit(url).hostname not in LOOPBACK for url in endpoint.values()):
        return
    environment = in_test_account(os.environ) | endpoint
    os.environ.clear()
    os.environ.update(environment)


def prefix() -> str:
    """The prefix of the stacks' names, and on AWS of everything else that is created."""
    return os.environ.get("STACKS_OF_CHECK", "coffee-orders")


def is_deployed() -> bool:
    """Whether `make aws-check` has deployed the stacks, and removes them."""
    return "STACKS_OF_CHECK" in os.environ
