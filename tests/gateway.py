"""Which requests AWS WAF and API Gateway let through, by the template: no emulator refuses any.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-caveats.html
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any, Final

from tests.contracts.sam_output import processed

CHECK_SECONDS: Final = 30
"""Between two looks of AWS WAF at its counts: its delay is "usually below 30 seconds"."""


@dataclass
class Bucket:
    """The requests that a method still takes, of all callers together."""

    rate: float
    size: float
    tokens: float
    since: float = 0.0

    def take(self, at: float) -> bool:
        self.tokens = min(self.size, self.tokens + (at - self.since) * self.rate)
        self.since = at
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class Rule:
    """A limit for each source, which is looked at from time to time."""

    statement: dict[str, Any]
    asked: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    blocked: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def blocks(self, at: float, source: str, method: str) -> bool:
        if not _matches(self.statement.get("ScopeDownStatement"), method):
            return False
        asked = self.asked[source]
        asked.append(at)
        look = int(at // CHECK_SECONDS)
        if self.blocked.get(source, (0, False))[0] != look:
            while asked[0] <= at - self.statement["EvaluationWindowSec"]:
                asked.popleft()
            self.blocked[source] = look, len(asked) > int(self.statement["Limit"])
        return self.blocked.get(source, (0, False))[1]


def _matches(statement: dict[str, Any] | None, method: str) -> bool:
    match statement:
        case None:
            return True
        case {"NotStatement": {"Statement": other}}:
            return not _matches(other, method)
        case {"ByteMatchStatement": {"FieldToMatch": {"Method": {}}, "SearchString": text}}:
            return bool(text == method)
    raise ValueError(f"Not known: {statement}")


class Gateway:
    """The API's front in a stage. The clock, in seconds, is the caller's."""

    def __init__(self, stage: str) -> None:
        made = processed(Stage=stage)
        rules = made["WebAcl"]["Properties"]["Rules"] if "WebAcl" in made else []
        self.rules = [Rule(rule["Statement"]["RateBasedStatement"]) for rule in rules]
        (settings,) = (
            resource["Properties"]["MethodSettings"]
            for resource in made.values()
            if resource["Type"] == "AWS::ApiGateway::Stage"
        )
        self._settings = {
            (each["HttpMethod"], each["ResourcePath"].lstrip("/").replace("~1", "/")): each
            for each in settings
        }
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def bucket(self, method: str, resource: str) -> Bucket:
        """That of a method, which has its own also where the setting is for all."""
        if (method, resource) not in self._buckets:
            setting = self._settings.get((method, resource)) or self._settings["*", "*"]
            rate, size = setting["ThrottlingRateLimit"], setting["ThrottlingBurstLimit"]
            self._buckets[method, resource] = Bucket(rate, size, size)
        return self._buckets[method, resource]

    def admits(self, at: float, source: str, method: str, resource: str) -> bool:
        """Whether a request gets to its function. What WAF blocks takes nothing from a bucket."""
        blocked = [rule.blocks(at, source, method) for rule in self.rules]  # Each counts it.
        return not any(blocked) and self.bucket(method, resource).take(at)
