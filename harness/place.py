"""Where the tests run: at an emulator, or on AWS, where only `make aws-check` starts them."""

import os

ON_AWS = "AWS_ENDPOINT_URL" not in os.environ

SETTLING_SECONDS = 60
"""How long AWS may go on as before after a rule has changed; nothing shows when it no longer does.

It says "a short period of time": https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
"""


def prefix() -> str:
    """How the names of the stacks under test begin, and on AWS those of everything else."""
    return os.environ.get("STACKS_OF_CHECK", "coffee-orders")


def is_deployed() -> bool:
    """Whether `make aws-check` has deployed the stacks, and removes them."""
    return "STACKS_OF_CHECK" in os.environ
