"""The text in the code on a fax's cover sheet: which referral the pages that come back belong to.

``CARERING:REFERRAL:1:<id>:<number>:<check>``, where ``id`` is the hub's id of the referral (32 hexadecimal digits,
capitals), ``number`` the number that people know it by (percent-encoded, may be empty), and ``check`` the CRC-32 of
all before it (8 hexadecimal digits). It names nobody. All of it is in the alphanumeric set of ISO/IEC 18004 as long
as the number is, so that the code stays coarse enough for a fax of 98 lines an inch.
"""

import re
import zlib
from dataclasses import dataclass
from urllib.parse import quote, unquote
from uuid import UUID

SYSTEM = "urn:carering:referral"
"""The system of the key by which a code names its referral (``system|value``)."""

_PREFIX = "CARERING:REFERRAL:1"
_CODE = re.compile(rf"({_PREFIX}:([0-9A-F]{{32}}):([^:\s]*)):([0-9A-F]{{8}})")
_NUMBER = re.compile(r"REF-?\d{3,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReferralCode:
    """What a code says: the hub's id of the referral (a UUID; empty where a code of others has a number alone), and
    its number (may be empty)."""

    referral_id: str
    number: str = ""

    @property
    def key(self) -> str:
        """The correlation key; empty without an id."""
        return referral_key(self.referral_id) if self.referral_id else ""


def referral_key(referral_id: str) -> str:
    """The key that every referral has from the hub itself."""
    return f"{SYSTEM}|{referral_id}"


def encode(code: ReferralCode) -> str:
    """The text for a QR code. Raises ``ValueError`` when the id is no UUID."""
    said = f"{_PREFIX}:{UUID(code.referral_id).hex.upper()}:{quote(code.number, safe='-./ $*+').replace(' ', '%20')}"
    return f"{said}:{_check(said)}"


def decode(text: str) -> ReferralCode | None:
    """What the text of a code says; None when it is none of ours and no bare number either, or was misread."""
    text = text.strip()
    if found := _CODE.fullmatch(text):
        said, referral_id, number, check = found.groups()
        return ReferralCode(str(UUID(referral_id)), unquote(number)) if _check(said) == check else None
    return ReferralCode("", text.upper()) if _NUMBER.fullmatch(text) else None


def _check(said: str) -> str:
    return f"{zlib.crc32(said.encode(errors='surrogatepass')):08X}"
