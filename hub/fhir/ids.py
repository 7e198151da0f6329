"""Identity within bundles: keys of identifiers and the check of a National Provider Identifier."""

import re
from urllib.parse import quote

from hub.model import Json

NAMESPACE = "urn:carering:namespace:"
FEED = "urn:carering:feed:"

_PLAIN = re.compile(r"[\w|:/.~@+$,;=&#?()!*'-]*", re.ASCII)


def uri(text: str) -> str:
    """``text`` as part of a URI: FHIR's uri has no white space (FHIR R4, datatype uri)."""
    return text if _PLAIN.fullmatch(text) else quote(text, safe="|:/.-_~@+$,;=&#?()!*'")


def identifier_key(identifier: Json, feed_name: str) -> str:
    """``system|value``: what makes two identifiers the same.

    Without a system the namespace of the assigner counts (HD.1 is no URI, but it separates two hospitals' numbers),
    and without an assigner the feed that sent it.
    """
    system = identifier.get("system")
    if not system:
        assigner = identifier.get("assigner", {}).get("display")
        system = NAMESPACE + assigner if assigner else FEED + feed_name
    return f"{system}|{identifier.get('value', '')}"


def is_npi(value: str) -> bool:
    """Whether ten digits carry the check digit of an NPI (45 CFR 162.406: Luhn over ``80840`` and the number)."""
    if len(value) != 10 or not (value.isascii() and value.isdigit()):
        return False
    total = 24  # the constant that the prefix 80840 contributes
    for place, digit in enumerate(value):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0
