"""What a bundle says in standard elements and in HL7's extensions, read once so that looking up a value costs little.

Not read: extensions that are not HL7's, Basic, the hub's own OperationOutcome, ids, references between resources,
narrative.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

import orjson

from hub.mappers.coverage import forms
from hub.model import Json

_OWN = "urn:carering:"
_SILENT = frozenset(("id", "reference", "fullUrl", "resourceType", "div", "profile", "implicitRules"))
_EXTENSIONS = frozenset(("extension", "modifierExtension"))
_UNASKED = frozenset(("active", "preferred", "userSelected"))
"""Booleans that mappers set whatever the sender says."""
_WORDED = frozenset(
    ("expression", "line", "text", "display", "family", "given", "prefix", "suffix", "name", "title", "contentType")
)
_HL7 = "http://hl7.org/"
_URI = re.compile(r"(https?://|urn:)\S*")
_WORD = re.compile(r"\w+")


class Content:
    """The contents of a bundle.

    ``texts`` are whole texts without upper case, ``codes`` whole texts as they are; ``prose`` is all of them in one, by
    lines; ``words`` are those of names, addresses and texts; ``uris`` and ``members`` those that there are.
    """

    def __init__(self, bundle: Json) -> None:
        self.texts: set[str] = set()
        self.codes: set[str] = set()
        self.words: set[str] = set()
        self.numbers: set[str] = set()
        self.times: set[str] = set()
        self.moments: set[int] = set()
        self.telephones: set[str] = set()
        self.uris: set[str] = set()
        self.members: set[str] = set()
        self.flags: set[bool] = set()
        self._lines: list[str] = []
        for name, value in _elements(orjson.loads(orjson.dumps(bundle))):
            self.members.add(name)
            self._take(name, value)
        self.prose = "\n".join(self._lines)

    def _take(self, name: str, value: Any) -> None:
        if isinstance(value, bool):
            if name not in _UNASKED:
                self.flags.add(value)
        elif isinstance(value, int | float):
            self._take_code(repr(value))
        elif name == "data":
            self._take_attachment(value)
        elif _URI.fullmatch(value):
            self._take_uri(value)
        else:
            self._take_text(name, value)

    def _take_code(self, text: str) -> None:
        self.codes.add(text)
        self.texts.add(forms.plain(text))
        if number := forms.number(text):
            self.numbers.add(number)

    def _take_text(self, name: str, text: str) -> None:
        self._take_code(" ".join(text.split()))
        self.texts.add(forms.squeezed(text))
        plain = forms.plain(text)
        self._lines.append(plain)
        if name in _WORDED:
            self.words.update(_WORD.findall(plain))
        stamp, moment = forms.fhir_time(text)
        if stamp:
            self.times.add(stamp)
            self.times.add(stamp.removesuffix("000000" if len(stamp) == 14 else "00"))
        if moment is not None:
            self.moments.add(moment)
        if len(text) < 40 and len(digits := forms.digits(text)) >= 7:
            self.telephones.add(digits)

    def _take_uri(self, uri: str) -> None:
        """A URI, and what its last part says: an OID, a UUID, a name that only the sender knows."""
        self.uris.add(uri.casefold())
        self.texts.add(forms.plain(uri))
        for mark in (":", "/"):
            self._take_code(uri.rpartition(mark)[2].replace("%20", " ").replace("%7C", "|"))

    def _take_attachment(self, data: str) -> None:
        self.texts.add(forms.squeezed(data))
        try:
            content = base64.b64decode(data, validate=True)
            lines = content.decode().splitlines()
        except (binascii.Error, UnicodeDecodeError):  # a picture has no text to be found
            return
        for line in lines:
            self._take_code(" ".join(line.split()))
            self._lines.append(forms.plain(line))


def _elements(element: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every primitive that counts, with the name of its member."""
    if isinstance(element, list):
        for one in element:
            yield from _elements(one, name)
    elif not isinstance(element, dict):
        yield name, element
    elif not _unread(element) and not _private(element, name):
        for member, value in element.items():
            if member not in _SILENT and (member != "url" or name not in _EXTENSIONS):
                yield from _elements(value, member)


def _unread(element: Json) -> bool:
    """Whether it is a segment that is kept as it is, or what this hub noticed; a sender's outcome is the sender's."""
    kind = element.get("resourceType")
    return kind == "Basic" or (kind == "OperationOutcome" and not any(map(_of_sender, element.get("issue", ()))))


def _of_sender(issue: Json) -> bool:
    codings = issue.get("details", {}).get("coding", ())
    return not any(coding.get("system", "").startswith(_OWN) for coding in codings)


def _private(element: Json, name: str) -> bool:
    """Whether it is an extension that is not HL7's; the parts of one of HL7's have names instead of addresses."""
    url = element.get("url", "") if name in _EXTENSIONS else ""
    return ":" in url and not url.startswith(_HL7)
