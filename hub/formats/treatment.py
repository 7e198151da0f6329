"""Changes of treatment that a note names, in its own words.

Found are sentences that say so by an arrow (``furosemide 40 → 80 mg``), by a verb with a dose (``increase X from a to
b``, ``start X 25 mg``) or by a marker (``NEW: …``), and lines with a dose or such a verb under a heading like
"Medication changes". A sentence that negates or only considers a change is none.
"""

import re
from collections.abc import Iterable, Iterator

CHANGE_HEADING = re.compile(
    r"^(?:medications?|treatment|drug|therapy)\s+changes?\b.*"
    r"|^changes?\s+(?:in|of|to)\s+(?:the\s+)?(?:medications?|treatment|therapy)\b.*"
    r"|^(?:new|changed|stopped|discontinued)\s+medications?\b.*",
    re.IGNORECASE,
)
HEADING = re.compile(
    r"^(?:reason for (?:consultation|referral|visit)|history(?: of present illness)?|hpi|impression|assessment"
    r"|assessment and plan|plan|recommendations?|findings?|examination|physical exam|vitals?|medications?|allergies"
    r"|follow[- ]?up|results?|labs?|laboratory|diagnos[ei]s|hospital course|summary|signature)\s*:?$",
    re.IGNORECASE,
)
_DOSE = r"\d[\d.,/]*\s*(?:mg|mcg|µg|μg|ug|g|ml|mL|units?|iu|IU|meq|mEq|%|puffs?|tablets?)\b"
_ARROW = re.compile(r"\d[\d.,/]*\s*(?:[a-zµμ%]+\s*)?(?:→|⟶|-+>|=+>)\s*\d", re.IGNORECASE)
_VERB = (
    r"\b(?:increas|decreas|reduc|rais|lower|titrat|up-?titrat|chang|switch|start|restart|add|begin|began|initiat"
    r"|stop|discontinu|hold|held)\w*\b"
)
_VERB_AND_DOSE = re.compile(rf"{_VERB}.*?{_DOSE}", re.IGNORECASE)
_VERB_OR_DOSE = re.compile(rf"{_VERB}|{_DOSE}", re.IGNORECASE)
_STOP = re.compile(
    r"^(?:stop(?:ped)?|discontinued?)\s+(?!smoking|tobacco|alcohol|driving|exercis|if|when|by)[a-z]{4,}", re.IGNORECASE
)
_MARKER = re.compile(r"^(?:new|changed?|increased?|decreased?|stopped|started|discontinued)\s*:\s*\S", re.IGNORECASE)
_NO_CHANGE = re.compile(
    r"\b(?:no|not|without|never|denies|declined?|consider\w*|if|unless|could|might|may|unchanged|continue\w*)\b"
    r"|^none\b",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•·–—]|\d{1,2}[.)])\s+")
_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+(?=[A-Z•])")


def treatment_changes(lines: Iterable[str]) -> tuple[str, ...]:
    """The changes of treatment named in ``lines`` (top to bottom), each once and in order, without bullet."""
    found: dict[str, None] = {}
    under_heading = False
    for line in _joined(lines):
        if CHANGE_HEADING.match(line) and not _says_change(line):
            under_heading = True
        elif not line or HEADING.match(line):
            under_heading = False
        else:
            for sentence in _SENTENCE_END.split(line):
                if _says_change(sentence) or (under_heading and _listed(sentence)):
                    found[sentence.rstrip(" .;")] = None
    return tuple(found)


def _listed(sentence: str) -> bool:
    """Whether a line under a heading of changes is one of them, and not the signature."""
    return bool(_VERB_OR_DOSE.search(sentence)) and not _NO_CHANGE.search(sentence)


def _says_change(sentence: str) -> bool:
    if _ARROW.search(sentence) or _MARKER.match(sentence):
        return True
    if _NO_CHANGE.search(sentence):
        return False
    return bool(_VERB_AND_DOSE.search(sentence) or _STOP.match(sentence))


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Lines without bullets; one that goes on in lower case belongs to the line before it."""
    held = ""
    for raw in lines:
        bullet = _BULLET.match(raw)
        line = _BULLET.sub("", raw).strip()
        if held and line and not bullet and line[0].islower() and held[-1] not in ".:;":
            held = f"{held} {line}"
            continue
        if held:
            yield held
        held = line
        if not line:
            yield ""
    if held:
        yield held
