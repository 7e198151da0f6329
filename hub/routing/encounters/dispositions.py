"""Where patients go and come from: HL7 tables 0112 (discharge disposition, UB-04 FL17) and 0023 (admit source)."""

DIED = frozenset({"20", "40", "41", "42"})
ACUTE_CARE = frozenset({"02", "05", "43", "65", "66"})
"""Dispositions to another hospital: a transfer, not a discharge."""

OTHER_FACILITY = frozenset({"4", "5", "6"})
"""Admit sources: from a hospital, a skilled nursing facility, another health care facility."""

_GROUPS = {
    "home": ("01",),
    "home-health": ("06",),
    "against-advice": ("07",),
    "post-acute": ("03", "61", "62", "63"),
    "hospice": ("50", "51"),
    "acute-care": tuple(ACUTE_CARE),
    "died": tuple(DIED),
}
_GROUP_OF = {code: group for group, codes in _GROUPS.items() for code in codes}

WORDS = {
    "home": "home",
    "home-health": "home with home health care",
    "against-advice": "against medical advice",
    "post-acute": "to post-acute care",
    "hospice": "to hospice",
    "acute-care": "to another hospital",
    "died": "died",
}


def group(disposition: str) -> str:
    """The group of a two-digit disposition: what decides who should hear and how soon; empty if none is known."""
    return _GROUP_OF.get(disposition, "other" if disposition else "")
