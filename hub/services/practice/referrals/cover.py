"""The cover sheet of a referral, for those who have nothing but a fax machine."""

from hub.formats.cover_sheet import CoverSheet, cover_sheet
from hub.formats.referral_code import ReferralCode, encode
from hub.routing.instants import spoken
from hub.services.context import Hub
from hub.services.practice.referrals.looking import show
from hub.services.practice.referrals.views import ReferralRow

INSTRUCTION = (
    "Please put this sheet in front of everything that you send back on this referral - whether you accept it, the "
    "appointment, your note. The code brings it to the right chart."
)


def cover(hub: Hub, wanted: str) -> tuple[str, bytes]:
    """The name of a file and the cover sheet of a referral as PDF, with the code by which what is faxed back finds it.
    Raises ``NotFound``."""
    row = show(hub, wanted).row
    sheet = CoverSheet(
        title=f"Referral {row.number or row.id[:8]}",
        lines=[(label, text) for label, text in _lines(row) if text],
        code=encode(ReferralCode(row.id, row.number)),
        instruction=INSTRUCTION,
    )
    return f"referral-{row.number or row.id[:8]}.pdf", cover_sheet(sheet)


def _lines(row: ReferralRow) -> list[tuple[str, str]]:
    return [
        ("To", ", ".join(filter(None, (row.referred_to, row.referred_to_organization)))),
        ("From", f"{row.referrer}{f' (NPI {row.referrer_npi})' if row.referrer_npi else ''}"),
        ("Patient", row.patient),
        ("Priority", row.priority),
        ("Question", row.reason),
        ("Sent", spoken(row.sent_at)),
        ("See by", spoken(row.visit_by)),
    ]
