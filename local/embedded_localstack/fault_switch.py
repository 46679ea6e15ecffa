"""Which calls are to fail, and how many have: the state behind `/_embedded/faults`."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, Any, Final, Literal, Self

import botocore.session
from botocore.exceptions import UnknownServiceError
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, TypeAdapter
from pydantic.functional_validators import model_validator

ANY: Final = "*"


class _Fault(BaseModel):
    """The calls that fail."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    service: str
    """As boto3 names it: `stepfunctions`, not `states`."""

    operation: str
    """As the API names it, `PutEvents`, or `*` for all of the service."""

    share: Annotated[float, Field(gt=0, le=1)] = 1
    """How likely a call is to fail."""

    seconds: PositiveFloat | None = None
    """How long the fault lasts; without it, until it is taken back."""

    calls: PositiveInt | None = None
    """How many calls fail, after which the fault has ended; without it, any number."""

    @model_validator(mode="after")
    def _names_calls(self) -> Self:
        try:
            model = botocore.session.get_session().get_service_model(self.service)
        except UnknownServiceError as error:
            raise ValueError(f"there is no service {self.service}") from error
        if self.operation not in {ANY, *model.operation_names}:
            raise ValueError(f"{self.service} has no {self.operation}")
        return self


class Error(_Fault):
    """An AWS error: calls are not carried out, or are carried out and their answer is lost."""

    kind: Literal["error", "lost-answer"]
    code: Annotated[str, Field(min_length=1)]
    status: Annotated[int, Field(ge=400, le=599)]


class FailedEntry(_Fault):
    """PutEvents says 200 and that each of its entries failed; no event is delivered."""

    service: Literal["events"]
    operation: Literal["PutEvents"]
    kind: Literal["failed-entry"]
    code: Annotated[str, Field(min_length=1)]


class Kill(_Fault):
    """The process of the function that calls is killed, before the call or before its answer."""

    kind: Literal["killed-before", "killed-after"]


Fault = Error | FailedEntry | Kill

FAULTS: Final = TypeAdapter(list[Annotated[Fault, Field(discriminator="kind")]])
"""Makes faults of the JSON in a request; raises pydantic's ValidationError."""


@dataclass
class _Set:
    """A fault since it was set."""

    fault: Fault
    ends: float | None
    failed: int = 0
    # The same calls fail each time that the same calls come in the same order.
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311


class FaultSwitch:
    """Decides about calls that come in on many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without faults; `clock` gives seconds."""
        self.on = False
        """Whether any fault may still hit: all there is to look at for a call while none may."""
        self._clock = clock
        self._lock = Lock()
        self._faults: list[_Set] = []

    def set(self, faults: list[Fault]) -> None:
        """Put these faults, with counters at 0, in the place of those there were."""
        with self._lock:
            now = self._clock()
            self._faults = [
                _Set(fault, None if fault.seconds is None else now + fault.seconds)
                for fault in faults
            ]
            self.on = bool(faults)

    def hit(
        self, service: str, operation: str, *, by_name_only: bool, by_function: bool
    ) -> Fault | None:
        """Give the fault that a call is to fail with, which is counted, or None to let it pass.

        `by_name_only` leaves out the faults for all operations of the service; those that kill are
        left out unless the call is one `by_function`. Of several faults for a call the first whose
        share it falls into has it.
        """
        operations = {operation} if by_name_only else {operation, ANY}
        with self._lock:
            now = self._clock()
            self.on = any(self._lasts(entry, now) for entry in self._faults)
            for entry in self._faults:
                fault = entry.fault
                meant = fault.service == service and fault.operation in operations
                possible = by_function or not isinstance(fault, Kill)
                if not (meant and possible and self._lasts(entry, now)):
                    continue
                if entry.chance.random() < fault.share:
                    entry.failed += 1
                    return fault
            return None

    def report(self) -> list[dict[str, Any]]:
        """Give each fault with `failed`, the calls it failed, and `active`, whether it lasts."""
        with self._lock:
            now = self._clock()
            return [
                entry.fault.model_dump()
                | {"failed": entry.failed, "active": self._lasts(entry, now)}
                for entry in self._faults
            ]

    @staticmethod
    def _lasts(entry: _Set, now: float) -> bool:
        calls = entry.fault.calls
        return (entry.ends is None or now < entry.ends) and (calls is None or entry.failed < calls)
