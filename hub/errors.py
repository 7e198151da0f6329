"""The tree of errors.

Every error has a ``code`` (stable, for programs) and a ``kind``, which is all that a retry asks:

    HubError
    ├── TransientError     try again: nothing was decided
    │   ├── StoreBusy          the database is locked or gone for now
    │   ├── Overloaded         so much waits that nothing more is taken in
    │   ├── StreamUnavailable  the log cannot be written or read for now
    │   └── EndpointUnavailable  a channel's other side does not answer
    ├── AmbiguousError     a person must decide
    │   └── Held               understood in part; kept until someone looks
    └── PermanentError     the same input fails again
        ├── Refused            an arrival that is not accepted (becomes a NAK)
        │   └── OutOfSequence      another one was expected on this link
        ├── Unreadable         bytes that cannot be understood in their format
        ├── Undeliverable      a channel's other side said no
        │   └── EndpointGone       and wants to hear nothing any more
        ├── RecordTooLong      more than the log takes of one record
        ├── Superseded         another worker has moved this position
        ├── NotFound           nothing has that id
        ├── NotAllowed         what is asked for is not possible in the present state
        └── ConfigurationError names file, key and what is allowed

No message of an error carries patient data (promise P9): paths, codes and positions only.
"""

from collections.abc import Sequence
from enum import StrEnum


class ErrorKind(StrEnum):
    """What a failure allows next; retries gate on it."""

    TRANSIENT = "transient"
    AMBIGUOUS = "ambiguous"
    PERMANENT = "permanent"


class HubError(Exception):
    """Something the hub can name went wrong."""

    kind = ErrorKind.PERMANENT
    code = "hub-error"


class TransientError(HubError):
    """Nothing was decided; the same attempt may succeed later."""

    kind = ErrorKind.TRANSIENT
    code = "transient"


class StoreBusy(TransientError):
    """The database is locked or out of reach."""

    code = "store-busy"


class Overloaded(TransientError):
    """So much waits that nothing more is taken in for now."""

    code = "overloaded"


class StreamUnavailable(TransientError):
    """The log cannot be written or read."""

    code = "stream-unavailable"


class EndpointUnavailable(TransientError):
    """The other side of a channel does not answer."""

    code = "endpoint-unavailable"


class AmbiguousError(HubError):
    """The input allows more than one reading; a person decides."""

    kind = ErrorKind.AMBIGUOUS
    code = "ambiguous"


class Held(AmbiguousError):
    """Understood in part, kept until someone looks. ``path`` names the place (``PID-3[2].4``); where there are several,
    ``findings`` are all of them, each with what is wrong there."""

    code = "held"

    def __init__(
        self, reason: str, *, code: str = "held", path: str = "", findings: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.path = path
        self.findings = findings


class PermanentError(HubError):
    """The same input fails in the same way again."""

    code = "permanent"


class Refused(PermanentError):
    """An arrival that is not accepted.

    ``condition`` is a code of HL7 table 0357 (``"101"`` required field missing), ``location`` the v2 path
    (``"PID-3"``) and ``reject`` tells AR/CR (the message can never be taken here) from AE/CE.
    """

    code = "refused"

    def __init__(self, reason: str, *, condition: str = "207", location: str = "", reject: bool = False) -> None:
        super().__init__(reason)
        self.condition = condition
        self.location = location
        self.reject = reject


class OutOfSequence(Refused):
    """A message that is not the next one of its link; ``expected`` is the sequence number (MSH-13) of that."""

    def __init__(self, reason: str, expected: int) -> None:
        super().__init__(reason, condition="199", location="MSH-13")
        self.expected = expected


class Unreadable(PermanentError):
    """Bytes that cannot be understood in their declared format. ``path`` names the place."""

    code = "unreadable"

    def __init__(self, reason: str, *, code: str = "unreadable", path: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.path = path


class Undeliverable(PermanentError):
    """The other side of a channel refused for good."""

    code = "undeliverable"


class EndpointGone(Undeliverable):
    """The other side wants to hear nothing any more, ever."""

    code = "endpoint-gone"


class RecordTooLong(PermanentError):
    """A record is longer than the log takes."""

    code = "record-too-long"


class Superseded(PermanentError):
    """Another worker has moved this stage's position; this batch must not be committed."""

    code = "superseded"


class NotFound(PermanentError):
    """Nothing has that id."""

    code = "not-found"


class NotAllowed(PermanentError):
    """What is asked for is not possible in the present state."""

    code = "not-allowed"


class ConfigurationError(PermanentError):
    """One line: the file, the key and what is allowed."""

    code = "configuration"

    def __init__(self, file: str, key: str, allowed: str) -> None:
        super().__init__(f"{file}: {key}: {allowed}" if key else f"{file}: {allowed}")
        self.file = file
        self.key = key
        self.allowed = allowed
