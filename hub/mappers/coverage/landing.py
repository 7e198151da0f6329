"""Whether a bundle holds a value, as it was sent or translated.

A value of one or two characters must stand there as a whole: as a code, a word of a name or an address, a number, or by
what its field's table makes of it. A longer one may also be part of a text.
"""

import re
from typing import TypeAlias

from hub.fhir.order_codes import ATTACHMENT_TYPES
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.coverage import forms
from hub.mappers.coverage.content import Content
from hub.mappers.coverage.tables import meanings, system_of
from hub.mappers.coverage.values import Value

_Members: TypeAlias = tuple[str, ...]

SHORT = 2
"""Up to so many characters a text is a code that may stand anywhere by chance."""
_YES_NO = "0136"
_TEXTS: _Members = ("valueString", "attachment", "presentedForm", "contentString", "note", "text")
_VALUE_TYPES: dict[str, _Members] = {
    "NM": ("valueQuantity", "value"),
    "CQ": ("valueQuantity",),
    "SN": ("valueQuantity", "valueRange", "valueRatio", "value"),
    "NR": ("valueRange", "low", "high"),
    "NA": ("valueSampledData", "origin", "period"),
    "DR": ("valuePeriod", "start", "end"),
    "TM": ("valueTime",),
    **dict.fromkeys(("DT", "DTM", "TS"), ("valueDateTime",)),
    **dict.fromkeys(("ST", "TX", "FT"), _TEXTS),
    **dict.fromkeys(("CE", "CWE", "CNE", "CF", "IS", "ID"), ("coding",)),
    **dict.fromkeys(("ED", "RP"), ("contentType", "data", "url")),
}
"""OBX-2: members of FHIR of which one says what the type says."""
_SCHEMES = {
    **dict.fromkeys(("ISO", "OID"), "urn:oid:"),
    **dict.fromkeys(("UUID", "GUID"), "urn:uuid:"),
    **dict.fromkeys(("URI", "URL", "HTTP"), "http"),
}
"""Types of universal ids (HL7 table 0301): how a URI of that type begins."""


def landed(value: Value, content: Content) -> bool:
    """Whether the bundle says what the value says."""
    if _said(value.text, value, content):
        return True
    lines = [line.strip() for line in value.text.splitlines()]
    if len(lines) > 1:
        return all(_said(line, value, content) for line in lines if line)
    return _in_telephone(value, content) or _in_whole(value.repetition, content)


def _said(text: str, value: Value, content: Content) -> bool:
    """Whether the text stands there, or what it means."""
    code = " ".join(text.split())
    stands = code in content.codes if len(code) <= SHORT else _stands(forms.plain(text), text, content)
    return stands or _in_words(code, content) or forms.number(code) in content.numbers or _meant(code, value, content)


def _stands(plain: str, text: str, content: Content) -> bool:
    """Whether a longer text stands there: by itself or in a text, without hyphens, as a time, as a telephone number."""
    return (
        plain in content.texts
        or _in_prose(plain, content)
        or forms.squeezed(text) in content.texts
        or _as_time(text, content)
        or _as_telephone(text, content)
    )


def _in_prose(plain: str, content: Content) -> bool:
    """Whether a text has it; three characters are too few, and beside digits there must not be more digits."""
    if len(plain) <= SHORT + 1 or plain not in content.prose:
        return False
    return not plain.isdigit() or re.search(rf"(?<!\d){plain}(?!\d)", content.prose) is not None


def _in_words(code: str, content: Content) -> bool:
    """Two or three characters may be a word of a name or an address."""
    return 1 < len(code) <= SHORT + 1 and code.casefold() in content.words


def _as_time(text: str, content: Content) -> bool:
    stamp, moment = forms.dtm(text)
    return stamp in content.times or moment in content.moments if stamp else False


def _as_telephone(text: str, content: Content) -> bool:
    digits = forms.digits(text)
    return len(digits) >= 7 and any(digits in number for number in content.telephones)


def _in_telephone(value: Value, content: Content) -> bool:
    """The country, area or local number of an XTN, which FHIR has in one text."""
    own, local = value.text.lstrip("+"), forms.digits(value.repetition[7])
    if not own.isdigit() or len(local) < 5:
        return False
    return any(local in number and own in number for number in content.telephones)


def _in_whole(repetition: Repetition, content: Content) -> bool:
    """A text whose sender did not escape the delimiters in it."""
    whole = forms.plain(repetition.text)
    return len(repetition) > 1 and len(whole) > SHORT + 1 and whole in content.prose


def _meant(code: str, value: Value, content: Content) -> bool:
    """Whether the meaning of a code stands there, by the table of its field."""
    upper = code.upper()
    if value.field == "OBX-2.1":
        return any(member in content.members for member in _VALUE_TYPES.get(upper, ()))
    if value.table == _YES_NO:
        return {"Y": True, "N": False}.get(upper) in content.flags
    return any(meaning in content.texts for meaning in meanings(upper, value.table)) or _named(upper, content)


def _named(name: str, content: Content) -> bool:
    """Whether what stands for the name of a coding system, of a kind of universal id or of a type of data is there."""
    if scheme := _SCHEMES.get(name):
        return any(uri.startswith(scheme) for uri in content.uris)
    if name == "BASE64":
        return "data" in content.members
    return system_of(name) in content.uris or ATTACHMENT_TYPES.get(name) in content.words
