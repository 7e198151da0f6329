"""What a site has configured: its feeds, rules and practices."""

from datetime import date, time
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from hub.model import Role, Urgency
from hub.settings.feed import Feed
from hub.settings.hearing import Escalation, Hears, Quiet
from hub.settings.parts import PluginUse, SecretRef, Strict, known_zone
from hub.settings.referrals import Referrals, Timing

SENDERS = 1000
"""So many senders are kept in mind."""


class Notify(Strict):
    """Who hears of it, how soon, and in which words (a name in ``routing.wording``)."""

    who: tuple[Role, ...]
    urgency: Urgency = Urgency.MEDIUM
    wording: str

    @field_validator("who", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class RuleTest(Strict):
    """A message (or several, in order) under ``fixtures/messages``, and whom the last one notifies by this rule."""

    given: str | tuple[str, ...]
    notifies: tuple[Role, ...]


class Rule(Strict):
    """When a care event of one of the types ``on`` satisfies ``when`` (CEL over the flat projection), notify."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    why: str
    on: tuple[str, ...]
    when: str = "true"
    notify: Notify
    tests: tuple[RuleTest, ...] = ()


class Clinician(Strict):
    npi: str = Field(pattern=r"^\d{10}$")
    name: str


class Practice(Strict):
    """Who can be told: a practice, its clinicians and the channels by which it hears.

    ``tokens`` are the SHA-256 hashes of what the practice's programs show at the FHIR end (``hub feed token`` makes
    one); ``signing`` is where the key is found that what is posted to its subscriptions is signed with.

    ``hears`` are its wishes, of which the first that is about a notice counts; ``quiet`` are hours in which only what
    is urgent is sent; ``digest_at`` is the local time of digests; ``coalesce`` are seconds that anything but an
    emergency arrival or what is urgent waits for what may still change it; what happened more than ``late`` hours
    before the hub heard of it is for the digest (0: never); ``escalate`` says who is told when nobody looks.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    time_zone: str = "UTC"
    clinicians: tuple[Clinician, ...] = ()
    channels: tuple[PluginUse, ...] = (PluginUse(kind="inbox"),)
    tokens: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    signing: SecretRef = ""
    referrals: Timing = Timing()
    hears: tuple[Hears, ...] = ()
    quiet: Quiet | None = None
    digest_at: time = time(7)
    coalesce: Annotated[int, Field(ge=0, le=3600)] = 0
    late: Annotated[int, Field(ge=0)] = 72
    holidays: tuple[date, ...] = ()
    escalate: tuple[Escalation, ...] = ()

    _zone = field_validator("time_zone")(known_zone)

    @field_validator("escalate")
    @classmethod
    def _with_inbox(cls, value: tuple[Escalation, ...], info: ValidationInfo) -> tuple[Escalation, ...]:
        if value and not any(use.kind == "inbox" for use in info.data.get("channels", ())):
            raise ValueError("needs the channel inbox: that is where notices are acknowledged")
        return value


class Site(Strict):
    """All that a site has configured."""

    feeds: tuple[Feed, ...]
    rules: tuple[Rule, ...]
    practices: tuple[Practice, ...]
    referrals: Referrals = Referrals()

    def feed(self, name: str) -> Feed:
        """The feed of that name; a message of a feed that is no longer configured is read with the defaults."""
        return self._feeds.get(name) or Feed(name=name, adapter=PluginUse(kind="mllp"))

    def feed_within(self, name: str, sender: str) -> Feed:
        """The feed of that name, as the authority of what a message of the sender numbers without naming one; the same
        object each time."""
        known = self._within
        if (name, sender) not in known:
            if len(known) >= SENDERS:
                known.clear()
            known[name, sender] = self.feed(name).within(sender)
        return known[name, sender]

    def practice(self, practice_id: str) -> Practice:
        """The practice of that id; one that only a panel names has the inbox and nothing else."""
        return self._practices.get(practice_id) or Practice.model_construct(id=practice_id, name=practice_id)

    def practice_of(self, npi: str) -> Practice | None:
        """The practice that lists this clinician."""
        return self._by_clinician.get(npi)

    @cached_property
    def _by_clinician(self) -> dict[str, Practice]:
        return {c.npi: p for p in reversed(self.practices) for c in p.clinicians}

    @cached_property
    def _within(self) -> dict[tuple[str, str], Feed]:
        return {}

    @cached_property
    def _feeds(self) -> dict[str, Feed]:
        return {f.name: f for f in self.feeds}

    @cached_property
    def _practices(self) -> dict[str, Practice]:
        return {p.id: p for p in self.practices}
