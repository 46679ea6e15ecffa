"""Whether the stacks run on an emulator or on AWS, where only `make aws-check` tests."""

import os

ON_AWS = "AWS_ENDPOINT_URL" not in os.environ

SETTLING_SECONDS = 60
"""How long AWS may need until a changed rule takes effect; nothing shows when it has.

It says "a short period of time": https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
"""


def prefix() -> str:
    """The prefix of the stacks' names, and on AWS of everything else that is created."""
    return os.environ.get("STACKS_OF_CHECK", "coffee-orders")


def is_deployed() -> bool:
    """Whether `make aws-check` has deployed the stacks, and removes them."""
    return "STACKS_OF_CHECK" in os.environ
