"""Names of persons as people write them on paper."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in parts; falsy when nothing was read. ``given`` holds first and middle names."""

    family: str = ""
    given: tuple[str, ...] = ()
    prefix: str = ""
    suffix: str = ""

    def __bool__(self) -> bool:
        return bool(self.family and self.given)


NO_NAME = PersonName()

_TITLE = re.compile(r"^(dr|mr|mrs|ms|miss|prof)\.?\s+", re.IGNORECASE)
_CREDENTIAL = re.compile(
    r"[\s,]+(?:m\.?d|d\.?o|ph\.?d|np|pa(?:-c)?|rn|aprn|dnp|mbbs|facc|facp|fasn|dpm|pharmd|crnp)\.?(?=[\s,]|$)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"[\s,]+(jr|sr|ii|iii|iv)\.?$", re.IGNORECASE)
_END = re.compile(r"\s+(?:on|at)\s+\w.*$|\s*[(;|\[].*$|,?\s*(?:DOB|born|aged?)\b.*$|\s*\d.*$", re.IGNORECASE)


def read_name(text: str) -> PersonName:
    """``Andrews, Harold J`` and ``Dr. Harold J. Andrews Jr., MD`` → parts; what follows the name is left out."""
    text = _END.sub("", text).strip(" ,.-–")
    title = _TITLE.match(text)
    text = _CREDENTIAL.sub("", text[title.end() :] if title else text).strip(" ,.")
    suffix = _SUFFIX.search(text)
    text = text[: suffix.start()] if suffix else text
    family, given = _parts(text)
    return PersonName(family, given, title[1] + "." if title else "", suffix[1] if suffix else "")


def _parts(text: str) -> tuple[str, tuple[str, ...]]:
    if "," in text:
        family, _, rest = text.partition(",")
        return family.strip(), _words(rest)
    words = _words(text)
    return (words[-1], words[:-1]) if len(words) > 1 else (text, ())


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.rstrip(".") for word in text.split())
