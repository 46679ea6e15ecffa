"""One logger, tracer and set of metrics for every function.

The service's name comes from POWERTOOLS_SERVICE_NAME, the metrics' namespace from
POWERTOOLS_METRICS_NAMESPACE. Events and answers are never logged or traced whole, for an event may
carry a task token.
"""

from aws_lambda_powertools import Logger, Metrics, Tracer

logger = Logger()
metrics = Metrics()
tracer = Tracer()
