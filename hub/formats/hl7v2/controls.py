"""Control characters other than tab and line ends: no text of FHIR may have them (FHIR R4, datatype string), and what
senders mean by them nobody knows. Each becomes a blank, and so does each blank of another kind (no-break, wide): HL7's
own schema of FHIR knows none but the ordinary one."""

import re

_BYTES = bytes(code for code in (*range(32), 127) if chr(code) not in "\t\r\n")
_BLANKS = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CONTROL = re.compile(f"[{re.escape(_BYTES.decode())}\x80-\x9f{_BLANKS}]")


def without_controls(text: str) -> str:
    """The text with a blank in the place of each."""
    return _CONTROL.sub(" ", text)


def has_controls(data: bytes) -> bool:
    """Whether one may be in the text of these bytes, which costs little to find out where they are ASCII."""
    return not data.isascii() or len(data.translate(None, _BYTES)) < len(data)
