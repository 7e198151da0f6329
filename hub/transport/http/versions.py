"""Which version of its resources a message is: what a feed posted last at each address, and whether this is the same.

The same contents once more are a resend. The same contents after others are not: an appointment that was booked,
cancelled and booked again is booked. Where the sender itself numbers neither request nor version, the hub counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from hub.fhir.posted.entries import entries
from hub.fhir.posted.messages import PostedMessage


@dataclass(frozen=True, slots=True)
class Version:
    """A message's contents by their hash, and the ``number`` of the version that they are of what stands at ``names``
    (keys ``at:<address>``)."""

    names: tuple[str, ...]
    digest: str
    number: int

    @property
    def control_id(self) -> str:
        """What the message is numbered by where its sender does not: nothing for the first version."""
        return f"{self.names[0].removeprefix('at:')}#{self.number}" if self.number > 1 else ""

    @property
    def says(self) -> str:
        """What is remembered at the names."""
        return f"{self.number} {self.digest}"


def names_of(message: PostedMessage, feed: str) -> tuple[str, ...]:
    """The keys of the addresses of a message's resources, but for those that have neither id nor identifier."""
    posted = entries(message.body, feed, "")
    return tuple(f"at:{address}" for entry in posted if entry.lasts for address in entry.addresses)


def version_of(message: PostedMessage, names: tuple[str, ...], known: Mapping[str, str]) -> Version:
    """The version that a message is, by what is ``known`` of its names."""
    digest = sha256(message.text).hexdigest()
    said = [known[name].split(" ") for name in names if name in known]
    last = max((int(number) for number, _ in said), default=0)
    same = len(said) == len(names) and all(of == digest for _, of in said)
    return Version(names, digest, last if same and last else last + 1)
