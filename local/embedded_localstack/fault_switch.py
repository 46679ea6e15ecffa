"""The faults that are active, and how many calls each failed: the state of `/_embedded/faults`."""

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
    """Which calls fail."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    service: str
    """The service by its name in boto3: `stepfunctions`, not `states`."""

    operation: str
    """The operation by its name in the API, such as `PutEvents`, or `*` for all operations."""

    share: Annotated[float, Field(gt=0, le=1)] = 1
    """The probability that a call fails."""

    seconds: PositiveFloat | None = None
    """How long the fault lasts; without it, until it is removed."""

    calls: PositiveInt | None = None
    """After how many failed calls the fault ends; without it, any number fails."""

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
    """PutEvents answers 200 with a failure for each entry; no event is delivered."""

    service: Literal["events"]
    operation: Literal["PutEvents"]
    kind: Literal["failed-entry"]
    code: Annotated[str, Field(min_length=1)]


class Kill(_Fault):
    """The process of the calling function is killed, before the call or before its answer."""

    kind: Literal["killed-before", "killed-after"]


Fault = Error | FailedEntry | Kill

FAULTS: Final = TypeAdapter(list[Annotated[Fault, Field(discriminator="kind")]])
"""Reads faults from the JSON of a request. Raises pydantic's ValidationError."""


@dataclass
class _Set:
    """A fault and what it has done since it was set."""

    fault: Fault
    ends: float | None
    failed: int = 0
    # The same calls fail each time that the same calls come in the same order.
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311


class FaultSwitch:
    """Decides which calls fail. Safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without faults; `clock` returns seconds."""
        self.on = False
        """Whether any fault is active. While none is, a call costs no more than this check."""
        self._clock = clock
        self._lock = Lock()
        self._faults: list[_Set] = []

    def set(self, faults: list[Fault]) -> None:
        """Replace all faults with these, with their counters at 0."""
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
        """Return and count the fault that a call fails with, or None.

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
        """Return each fault with `failed`, the number of failed calls, and `active`."""
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
