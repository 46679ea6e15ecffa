"""The environment of a function under test. Set on import, for the handlers read it on theirs."""

import os

from tests.unit.events import STATE_MACHINE
from tests.unit.tables import BUS, CONFIG_TABLE, ORDER_TABLE, STACK

VARIABLES = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",  # pragma: allowlist secret
    "AWS_DEFAULT_REGION": "eu-central-1",
    "ORDER_TABLE": ORDER_TABLE,
    "CONFIG_TABLE": CONFIG_TABLE,
    "EVENT_BUS_NAME": BUS,
    "CUSTOMER_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:topic-of-a-test",
    "HEARTBEAT_SECONDS": "900",
    "ORDER_RETENTION_DAYS": "30",
    "ORDER_PROCESSOR": STATE_MACHINE,
    "UNSIGNED_STAFF": "allowed",
    "LOCALSTACK_ENDPOINT": "",
    "OIDC_ISSUER": "",
    "OIDC_CLIENT_ID": "",
    "OIDC_ROLE_CLAIM": "",
    "OIDC_ROLE": "",
    "POWERTOOLS_METRICS_NAMESPACE": STACK,
    "POWERTOOLS_SERVICE_NAME": "service-of-a-test",
    "POWERTOOLS_TRACE_DISABLED": "true",
}
os.environ.update(VARIABLES)
