"""The stacks that the end-to-end tests test."""

from harness.aws import ON_AWS
from harness.deployment import Stack

# What might break the workflow's definition, or become a number there.
ODD_EMAIL = "Ada O'Neil & Zoë <ada@example.com> $1 %"
ODD_PHONE = "08001234"

SHOP = Stack("e2e")
IMPATIENT_SHOP = Stack(
    "e2e-impatient",
    # A task token reaches the order table in a moment here, on AWS in seconds.
    heartbeat_seconds=30 if ON_AWS else 4,
    contact_email=ODD_EMAIL,
    contact_phone=ODD_PHONE,
)
STACKS = (SHOP, IMPATIENT_SHOP)
