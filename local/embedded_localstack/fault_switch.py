"""Which calls are to fail, and how many have: the state behind `/_embedded/faults`."""

import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Any, Final

import botocore.session
from botocore.exceptions import UnknownServiceError

ANY: Final = "*"


class Kind(StrEnum):
    """How a call fails."""

    ERROR = "error"
    """It is not carried out, and answered with an AWS error."""

    LOST_ANSWER = "lost-answer"
    """It is carried out, and answered with an AWS error all the same, whatever came of it."""

    FAILED_ENTRY = "failed-entry"
    """PutEvents says 200 and that each of its entries failed; no event is delivered."""

    KILLED_BEFORE = "killed-before"
    """It is not carried out, and the process of the function that makes it is killed."""

    KILLED_AFTER = "killed-after"
    """It is carried out, and the function's process is killed before it hears the answer."""

    @property
    def kills(self) -> bool:
        """Whether the caller's process is killed: of all callers, only functions have one."""
        return self in {Kind.KILLED_BEFORE, Kind.KILLED_AFTER}


class InvalidFault(ValueError):
    """A fault that could never do what it seems to say."""


@dataclass(frozen=True)
class Fault:
    """The calls that fail, and how; raises InvalidFault."""

    service: str
    """As boto3 names it: `stepfunctions`, not `states`."""

    operation: str
    """As the API names it, `PutEvents`, or `*` for all of the service."""

    kind: str
    code: str | None = None
    """The AWS error's code; that of each entry for `failed-entry`; none if nobody hears it."""

    status: int | None = None
    """The HTTP status, 400 to 599, for `error` and `lost-answer` only."""

    share: float = 1
    """How likely a call is to fail, above 0 and up to 1."""

    seconds: float | None = None
    """How long the fault lasts; without it, until it is taken back."""

    calls: int | None = None
    """How many calls fail, after which the fault has ended; without it, any number."""

    def __post_init__(self) -> None:
        """Refuse what would fail no call, or not as meant."""
        for name in ("service", "operation", "kind"):
            _require(_is_text(getattr(self, name)), f"{name} is no text")
        operations = _operations(self.service)
        _require(self.operation in {ANY, *operations}, f"{self.service} has no {self.operation}")
        _require(self.kind in set(Kind), f"kind is none of {', '.join(Kind)}")
        match Kind(self.kind):
            case Kind.ERROR | Kind.LOST_ANSWER:
                is_error = type(self.status) is int and 400 <= self.status < 600  # noqa: PLR2004
                _require(is_error, "status is not from 400 to 599")
                _require(_is_text(self.code), "code is no text")
            case Kind.FAILED_ENTRY:
                call = (self.service, self.operation)
                _require(call == ("events", "PutEvents"), f"only PutEvents can be a {self.kind}")
                _require(self.status is None, f"the status of a {self.kind} is 200")
                _require(_is_text(self.code), "code is no text")
            case Kind.KILLED_BEFORE | Kind.KILLED_AFTER:
                unheard = self.code is None and self.status is None
                _require(unheard, f"who is {self.kind} hears no code and no status")
        _require(_is_number(self.share) and 0 < self.share <= 1, "share is not in (0, 1]")
        lasts = self.seconds is None or (_is_number(self.seconds) and self.seconds > 0)
        _require(lasts, "seconds is not above 0")
        counts = self.calls is None or (type(self.calls) is int and self.calls > 0)
        _require(counts, "calls is not a whole number above 0")


def read_faults(body: object) -> list[Fault]:
    """Make faults of the JSON in a request; raises InvalidFault."""
    if not isinstance(body, list) or not all(isinstance(entry, dict) for entry in body):
        raise InvalidFault("a list of faults is expected")
    try:
        return [Fault(**entry) for entry in body]
    except TypeError as error:  # a field that is missing or unknown
        raise InvalidFault(str(error)) from error


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
                possible = by_function or not Kind(fault.kind).kills
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
                {**asdict(entry.fault), "failed": entry.failed, "active": self._lasts(entry, now)}
                for entry in self._faults
            ]

    @staticmethod
    def _lasts(entry: _Set, now: float) -> bool:
        calls = entry.fault.calls
        return (entry.ends is None or now < entry.ends) and (calls is None or entry.failed < calls)


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise InvalidFault(otherwise)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _operations(service: str) -> list[str]:
    try:
        return botocore.session.get_session().get_service_model(service).operation_names
    except UnknownServiceError as error:
        raise InvalidFault(f"there is no service {service}") from error
