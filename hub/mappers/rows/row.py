"""The fields of one row with their line, and what may be wrong in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from hub.errors import Unreadable
from hub.formats.rows import Plan, RowKind
from hub.settings import Feed


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of a row by name; an empty text where there is none."""

    fields: dict[str, str]
    line: int
    plan: Plan
    feed: Feed

    @classmethod
    def of(cls, cells: list[str], line: int, plan: Plan, feed: Feed, kind: RowKind) -> Self:
        """Raises ``Unreadable`` for a row that lacks what its kind requires, or that a spreadsheet has damaged."""
        row = cls(plan.fields(cells), line, plan, feed)
        for names in kind.required:
            if not any(row[name] for name in names):
                raise row.wrong(names[0], _needed(names), "101")
        for name, text in row.fields.items():
            if damage := plan.damage(name, text):
                raise row.wrong(name, damage, "spreadsheet")
        return row

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def path(self, name: str) -> str:
        """``row 12: dob``."""
        return f"row {self.line}: {name}"

    def wrong(self, name: str, reason: str, code: str = "value") -> Unreadable:
        """The error about a field."""
        return Unreadable(reason, code=code, path=self.path(name))

    def date(self, name: str) -> str:
        """A date as ``YYYY-MM-DD``, or empty. Raises ``Unreadable`` for any other text."""
        return self.moment(name)[:10]

    def moment(self, name: str) -> str:
        """A date, with the feed's offset when a time follows it. Raises ``Unreadable`` for any other text."""
        if not (text := self[name]):
            return ""
        found, whole = self._moment(name, text)
        return found.isoformat() if whole else found.date().isoformat()

    def dtm(self, name: str) -> str:
        """The same as HL7 v2 writes it: ``20260302`` or ``20260302124000-0500``."""
        if not (text := self[name]):
            return ""
        found, whole = self._moment(name, text)
        return found.strftime("%Y%m%d%H%M%S%z") if whole else found.strftime("%Y%m%d")

    def one_of(self, name: str, allowed: list[str]) -> str:
        """The field in lower case, as the feed's codes mean it. Raises ``Unreadable`` when it is not one of those."""
        if (value := self.meant(name).lower().replace("_", "-").replace(" ", "-")) in allowed:
            return value
        raise self.wrong(name, f"must be one of: {', '.join(a for a in allowed if a)}")

    def meant(self, name: str) -> str:
        """The field, or what the feed's ``codes`` say that it means."""
        meaning = self.feed.codes.get(name, {}).get(self[name])
        return meaning.code if meaning else self[name]

    def _moment(self, name: str, text: str) -> tuple[datetime, bool]:
        try:
            return self.plan.moment(name, text)
        except Unreadable as error:
            raise self.wrong(name, str(error)) from None


def _needed(names: tuple[str, ...]) -> str:
    return "a value is required" if len(names) == 1 else f"one of {', '.join(names)} is required"
