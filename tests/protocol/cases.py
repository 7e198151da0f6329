"""What an interface engine can send, case by case, and what must come back. The names say the rule."""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.transport.mllp import frame
from tests.intake import adt
from tests.protocol.kit import FRAME_LIMIT

GOOD = "NEXT"
"""The control id of the good message that is sent behind a case on the same connection."""


@dataclass(frozen=True)
class Case:
    """``wire`` is sent; ``said`` must come back, in this order; ``stored`` are the control ids that the hub then has.

    What ``later`` holds is said when the message has been processed, whatever was said meanwhile.

    ``open`` says that the connection can be used on: a good message behind it is acknowledged. Otherwise the hub ends
    the connection. With ``half_close`` the sender says that nothing more comes.
    """

    name: str
    wire: tuple[bytes, ...]
    said: tuple[str, ...]
    stored: tuple[str, ...] = ()
    open: bool = True
    half_close: bool = False
    later: tuple[str, ...] = ()


def taken(name: str, body: bytes, control_id: str = "M1", code: str = "AA") -> Case:
    return Case(name, (frame(body),), (f"{code} {control_id}",), (control_id,))


def refused(name: str, body: bytes, said: str) -> Case:
    return Case(name, (frame(body),), (said,))


def cases() -> list[Case]:
    """All of them; each name is its own."""
    return [
        *_modes(),
        *_types(),
        *_headers(),
        *_delimiters(),
        *_contents(),
        *_charsets(),
        *_batches(),
        *_framings(),
        *_foreign(),
    ]


# --- acknowledgement (HL7 v2 chapter 2, original and enhanced mode) ----------------------------------------------

EMPTY = ("", '""')


def _modes() -> Iterator[Case]:
    for accept in (*EMPTY, "AL", "NE", "ER", "SU"):
        for application in (*EMPTY, "AL", "NE", "ER", "SU"):
            conditions = f"MSH-15={accept or 'empty'} MSH-16={application or 'empty'}"
            good, later = _expected(accept, application, well=True)
            bad, _ = _expected(accept, application, well=False)
            asked = {"f15": accept, "f16": application}
            said, after = tuple(f"{code} M1" for code in good), tuple(f"{code} M1" for code in later)
            yield Case(f"{conditions} taken", (frame(adt(**asked)),), said, ("M1",), later=after)
            yield Case(
                f"{conditions} refused", (frame(adt(f11="X", **asked)),), tuple(f"{c} M1 202 MSH-11" for c in bad)
            )

    held = frame(adt(f9="MDM^T02^MDM_T02", f15="AL", f16="AL"))
    yield Case("what cannot be processed is told later", (held,), ("CA M1",), ("M1",), later=("AE M1 207",))
    silent = frame(adt(f9="MDM^T02^MDM_T02", f15="AL", f16="SU"))
    yield Case("what cannot be processed is not told to who asks for success", (silent,), ("CA M1",), ("M1",))
    again = frame(adt(f15="AL", f16="AL"))
    yield Case("a resend is told again", (again, again), ("CA M1", "CA M1"), ("M1", "M1"), later=("AA M1", "AA M1"))


def _expected(accept: str, application: str, *, well: bool) -> tuple[list[str], list[str]]:
    """What is said at once and what later (table 0155: AL always, NE never, ER after an error, SU after success)."""
    wanted = {"AL", "SU"} if well else {"AL", "ER"}
    accept, application = accept.strip('"'), application.strip('"')
    if accept in ("", "NE"):  # no commit acknowledgement: MSH-16 alone decides, and both empty is original mode
        original = not accept and not application
        return (["AA" if well else "AR"] if original or application in wanted else []), []
    first = ["CA" if well else "CR"] if accept in wanted else []
    return first, (["AA"] if well and application in wanted else [])


# --- MSH-9 to MSH-12 -----------------------------------------------------------------------------------------------

_PATIENT_TYPES = (
    "ADT^A01^ADT_A01", "ADT^A08", "ADT^A40^ADT_A39", "BAR^P01", "DFT^P03^DFT_P03", "MDM^T02^MDM_T02",
    "OMG^O19^OMG_O19", "OML^O21^OML_O21", "OMP^O09", "ORM^O01^ORM_O01", "ORU^R01^ORU_R01", "ORU^R30", "OUL^R21",
    "RAS^O17", "RDE^O11", "RDS^O13", "REF^I12^REF_I12", "SIU^S12^SIU_S12", "SIU^S26", "VXU^V04^VXU_V04",
)  # fmt: skip


def _types() -> Iterator[Case]:
    for kind in _PATIENT_TYPES:
        yield taken(f"MSH-9 {kind}", adt(f9=kind))
        yield refused(f"MSH-9 {kind} without PID", adt(f9=kind, pid=""), "AE M1 100 PID")
    for kind in ("MFN^M02", "QBP^Q22", "SIU^S23", "ORR^O02", "RRI^I12", "OSU^O51", "ZZZ^Z01", "NMD^N02"):
        yield taken(f"MSH-9 {kind} needs no PID", adt(f9=kind, pid=""))
    yield taken("MSH-9 without event", adt(f9="ADT"))
    yield taken("MSH-9 with a wrong structure", adt(f9="ADT^A08^ADT_A08"))
    yield taken("MSH-9 of a Z event", adt(f9="ADT^Z01"))
    yield refused("MSH-9 empty", adt(f9=""), "AR M1 200 MSH-9")
    yield refused("MSH-9 unknown type", adt(f9="FOO^A01"), "AR M1 200 MSH-9")
    yield refused("MSH-9 lower case", adt(f9="adt^a01"), "AR M1 200 MSH-9")
    yield refused("MSH-9 unknown event", adt(f9="ADT^A99"), "AR M1 201 MSH-9")
    yield Case("an ACK is never acknowledged", (frame(adt(f9="ACK^A01", pid="MSA|AA|M0")),), ())
    yield Case("an MCF is never acknowledged", (frame(adt(f9="MCF", pid="MSA|AA|M0")),), ())


def _headers() -> Iterator[Case]:
    for processing in ("P", "T", "D", "P^T", ""):
        yield taken(f"MSH-11 {processing or 'empty'}", adt(f11=processing))
    for processing in ("X", "production", "p"):
        yield refused(f"MSH-11 {processing}", adt(f11=processing), "AR M1 202 MSH-11")
    for version in (
        "2.1",
        "2.2",
        "2.3",
        "2.3.1",
        "2.4",
        "2.5",
        "2.5.1",
        "2.6",
        "2.7",
        "2.7.1",
        "2.8",
        "2.9",
        "2.4^USA",
    ):
        yield taken(f"MSH-12 {version}", adt(f12=version))
    yield taken("MSH-12 empty", adt(f12=""))
    for version in ("3.0", "9.9", "FHIR"):
        yield refused(f"MSH-12 {version}", adt(f12=version), "AR M1 203 MSH-12")
    yield refused("MSH-10 empty", adt(f10=""), "AE  101 MSH-10")
    for number, control_id in enumerate((r"A\T\B", "A&B", "0" * 199, "with space", "Ä1", "1^2", "M~1")):
        said = control_id.encode().decode("latin-1")
        yield Case(f"MSH-10 verbatim {number}", (frame(adt(control_id)),), (f"AA {said}",), (control_id,))
    yield taken("MSH-13 is no matter without agreement", adt(f13="17"))
    yield refused("MSH-14 fragment", adt(f14="1"), "AR M1 199 MSH-14")
    yield refused("DSC at the end", adt() + b"DSC|1|F\r", "AR M1 199 MSH-14")
    yield taken("MSH with all fields", adt(f17="USA", f19="en", f20="", f21="PROFILE^^1.2.3^ISO", f22="", f25="x"))
    yield taken("MSH-3 and MSH-4 as whole HD", adt(f3="ADT^1.2.3^ISO", f4="MERCY^1.2.4^ISO"))
    yield taken("MSH-3 to MSH-6 empty", adt(f3="", f4="", f5="", f6=""))
    yield taken("MSH-7 empty", adt(f7=""))
    yield taken("MSH-7 with fractions", adt(f7="20260302124000.1234-0500"))


# --- delimiters and escapes ----------------------------------------------------------------------------------------


def _delimiters() -> Iterator[Case]:
    standard = adt()
    for name, change in {
        "other separators": {b"|": b"#", b"^": b"!", b"~": b"@", b"\\": b"$", b"&": b"%"},
        "field separator only": {b"|": b"*"},
    }.items():
        body = standard
        for old, new in change.items():
            body = body.replace(old, new)
        yield taken(f"MSH-1/2 {name}", body)
    for characters in ("^~", "^~\\", "^~\\&", "^~\\&#", "^~&"):
        yield taken(f"MSH-2 {characters}", standard.replace(b"^~\\&", characters.encode(), 1))
    for characters in ("", "^", "^^\\&", "^~~&", "ab\\&", "^~\\&#!", "^~\\1"):
        body = standard.replace(b"^~\\&", characters.encode(), 1)
        yield refused(f"MSH-2 {characters or 'empty'} is unusable", body, "AE M1 102 MSH-2")
    for separator in (b"A", b"7", b" "):
        yield Case(f"MSH-1 {separator!r} is unusable", (frame(standard.replace(b"|", separator)),), ("AE  102 MSH-1",))
    for escape in (
        r"\F\\S\\T\\R\\E\\P\ ",
        r"\X0D\ ",
        r"\X0",
        r"\Xzz\ ",
        r"\.br\ ",
        r"\H\x\N\ ",
        r"\Zab\ ",
        "\\",
        r"\q\ ",
    ):
        yield taken(f"escape {escape}", standard + f"NTE|1||a{escape}b\r".encode())
    yield taken("a decoded line end makes no segment", standard + rb"NTE|1||a\X0D\ZZZ|1" + b"\r")


# --- content -------------------------------------------------------------------------------------------------------


def _contents() -> Iterator[Case]:
    standard = adt()
    yield taken("explicit nulls", adt(pid='PID|1||70045^^^MERCY^MR||""||""|""'))
    yield taken("extra fields", standard.replace(b"PV1|1|E", b"PV1|1|E" + b"|x" * 90))
    yield taken("unexpected segments", standard + b"OBX|1|NM|x||1\rIN1|1\rNK1|1\r")
    yield taken("Z segments", standard + b"ZPI|1|a^b~c\rZZ1\r")
    yield taken("a segment of unknown name", standard + b"Q12|1|a\r")
    for name, end in {"LF": b"\n", "CRLF": b"\r\n"}.items():
        yield taken(f"segments end in {name}", standard.replace(b"\r", end))
    yield taken("segments end in CR and LF mixed", standard.replace(b"\rPV1", b"\nPV1"))
    yield taken("the last segment without its end", standard.rstrip(b"\r"))
    yield taken("blank segments", standard.replace(b"\rPID", b"\r\r\rPID") + b"\r\r")
    yield taken("a byte order mark", b"\xef\xbb\xbf" + standard)
    yield taken("EVN missing", standard.replace(b"EVN|A04|202603021240-0500\r", b""))
    yield taken("PV1 missing", standard.replace(b"PV1|1|E\r", b""))
    yield taken("PID-5 missing", adt(pid="PID|1||70045^^^MERCY^MR"))
    yield taken("PID-2 instead of PID-3", adt(pid="PID|1|70045^^^MERCY||"))
    yield taken("PID-3 in a later repeat", adt(pid="PID|1||^^^X~70045^^^MERCY||"))
    yield taken("a long field", standard + b"NTE|1||" + b"x" * 30000 + b"\r")
    yield taken("many segments", standard + b"NTE|1||x\r" * 2000)
    for name, pid in {
        "empty": "PID|1||||Andrews",
        "null": 'PID|1||""||Andrews',
        "authority only": "PID|1||^^^M||A",
    }.items():
        yield refused(f"PID-3 {name}", adt(pid=pid), "AE M1 101 PID-3")
    yield refused("no MSH", b"EVN|A01\rPID|1||1\r", "AE  100 MSH")
    yield refused("text", b"hello", "AE  100 MSH")
    yield refused("an empty frame", b"", "AE  100 MSH")
    yield refused("a lone MSH", b"MSH", "AE  102 MSH-1")
    yield refused("MSH in lower case", b"msh" + standard[3:], "AE  100 MSH")
    yield refused("a space before MSH", b" " + standard, "AE  100 MSH")
    yield refused("NUL bytes", b"\x00" * 40, "AE  100 MSH")


# --- MSH-18 --------------------------------------------------------------------------------------------------------


def _charsets() -> Iterator[Case]:
    words = {
        "ASCII": ("ascii", "Muller"), "8859/1": ("latin-1", "Müller"), "8859/2": ("iso8859_2", "Šťastný"),
        "8859/3": ("iso8859_3", "Ħal"), "8859/4": ("iso8859_4", "Ģirts"), "8859/5": ("iso8859_5", "Иванов"),
        "8859/6": ("iso8859_6", "محمد"), "8859/7": ("iso8859_7", "Γιώργος"), "8859/8": ("iso8859_8", "כהן"),
        "8859/9": ("iso8859_9", "Şahin"), "8859/15": ("iso8859_15", "Œuvre"), "ISO IR6": ("ascii", "Muller"),
        "ISO IR87": ("iso2022_jp", "山田"), "GB 18030-2000": ("gb18030", "王伟"), "KS X 1001": ("euc_kr", "김민준"),
        "BIG-5": ("big5", "陳"), "UNICODE UTF-8": ("utf-8", "Müller 山田"), "UTF-8": ("utf-8", "Müller"),
        "UNICODE": ("utf-8", "Müller"), "utf8": ("utf-8", "Müller"),
    }  # fmt: skip
    for label, (codec, word) in words.items():
        yield taken(f"MSH-18 {label}", adt(f18=label) + f"NTE|1||{word}\r".encode(codec))
    yield taken("MSH-18 empty with ASCII", adt())
    yield taken("MSH-18 empty with UTF-8", adt() + "NTE|1||Müller\r".encode())
    yield taken("MSH-18 repeats", adt(f18="~ISO IR87") + "NTE|1||山田\r".encode("iso2022_jp"))
    for label in ("KLINGON", "UTF-16", "UNICODE UTF-16", "UNICODE UTF-32"):
        yield refused(f"MSH-18 {label} is not known", adt(f18=label), "AE M1 103 MSH-18")
    for label, wrong in {
        "UNICODE UTF-8": b"M\xfcller",
        "UTF-8": b"\xc3",
        "ASCII": "ü".encode(),
        "8859/7": b"\xff",
    }.items():
        body = adt(f18=label) + b"NTE|1||" + wrong + b"\r"
        yield refused(f"MSH-18 {label} with other bytes", body, "AE M1 102 MSH-18")


# --- batches -------------------------------------------------------------------------------------------------------

_FHS, _BHS = b"FHS|^~\\&|A|B\r", b"BHS|^~\\&|A|B\r"


def _batches() -> Iterator[Case]:
    two = adt("B1") + adt("B2")
    both = ("AA B1", "AA B2")
    for name, body in {
        "messages one after another": two,
        "BHS and BTS": _BHS + two + b"BTS|2\r",
        "FHS, BHS, BTS and FTS": _FHS + _BHS + two + b"BTS|2\rFTS|1\r",
        "BTS without a count": _BHS + two + b"BTS\r",
        "two batches in a file": _FHS + _BHS + adt("B1") + b"BTS|1\r" + _BHS + adt("B2") + b"BTS|1\rFTS|2\r",
    }.items():
        yield Case(f"batch: {name}", (frame(body),), both, ("B1", "B2"))
    for name, body, said in (
        ("BTS missing", _BHS + two, "AE  199 BTS"),
        ("FTS missing", _FHS + _BHS + two + b"BTS|2\r", "AE  199 FTS"),
        ("BTS counts otherwise", _BHS + two + b"BTS|3\r", "AE  199 BTS-1"),
        ("FTS counts otherwise", _FHS + _BHS + two + b"BTS|2\rFTS|2\r", "AE  199 FTS-1"),
        ("no message", _BHS + b"BTS|0\r", "AE  199 BHS"),
        ("BTS without BHS", two + b"BTS|2\r", "AE B1 100 BTS"),
        ("a segment between", _BHS + b"NTE|1\r" + two + b"BTS|2\r", "AE  100 BHS"),
    ):
        yield Case(f"batch: {name}", (frame(body),), (said,))
    one_bad = _BHS + adt("B1") + adt("B2", f11="X") + adt("B3") + b"BTS|3\r"
    said = ("AA B1", "AR B2 202 MSH-11", "AA B3")
    yield Case("batch: each message has its own answer", (frame(one_bad),), said, ("B1", "B3"))


# --- framing (MLLP) ------------------------------------------------------------------------------------------------


def _framings() -> Iterator[Case]:
    whole = frame(adt())
    yield Case("byte by byte", tuple(whole[n : n + 1] for n in range(len(whole))), ("AA M1",), ("M1",))
    for place in (1, 2, 5, 40, len(whole) - 3, len(whole) - 2, len(whole) - 1):
        yield Case(f"cut after {place} bytes", (whole[:place], whole[place:]), ("AA M1",), ("M1",))
    many = tuple(f"N{n}" for n in range(50))
    yield Case(
        "many frames in one write", (b"".join(frame(adt(n)) for n in many),), tuple(f"AA {n}" for n in many), many
    )
    for name, between in {"CR": b"\r", "LF": b"\n", "CRLF": b"\r\n", "many": b"\r\n" * 40}.items():
        wire = frame(adt("N1")) + between + frame(adt("N2"))
        yield Case(f"{name} between frames", (wire,), ("AA N1", "AA N2"), ("N1", "N2"))
    yield Case("noise before VT is skipped", (b"noise" + whole,), ("AA M1",), ("M1",))
    yield Case("noise up to the limit is skipped", (b"n" * 4000 + whole,), ("AA M1",), ("M1",))
    yield Case("noise without end", (b"n" * 5000 + whole,), (), open=False)
    yield Case("noise without end in pieces", (b"n" * 3000, b"n" * 3000, whole), (), open=False)
    yield Case("no VT", (adt() + b"\x1c\r",), ())
    half = b"\x0b" + adt("HALF")[:60]
    yield Case("VT within a frame", (half + whole,), ("AA M1",), ("M1",))
    yield Case("VT within a frame, in a later read", (half, whole), ("AA M1",), ("M1",))
    yield Case("FS without CR goes on", (b"\x0b" + adt("HALF") + b"\x1c" + whole,), ("AA M1",), ("M1",))
    yield Case("FS CR alone", (b"\x1c\r" + whole,), ("AA M1",), ("M1",))
    yield Case("the end of the stream within a frame", (half,), (), open=False, half_close=True)
    yield Case("the end before FS CR", (whole[:-2],), (), open=False, half_close=True)
    yield Case("the end before CR", (whole[:-1],), (), open=False, half_close=True)
    yield Case("half-closed after a frame", (whole,), ("AA M1",), ("M1",), open=False, half_close=True)
    long = frame(adt() + b"NTE|1||" + b"x" * FRAME_LIMIT + b"\r")
    yield Case("a frame over the limit", (long,), ("AR M1 104",), open=False)
    for name, beat in {"accept": b"\x06", "refuse": b"\x15"}.items():
        yield Case(f"MLLP release 2 {name} is no HL7", (frame(beat) + whole,), ("AA M1",), ("M1",))


# --- other protocols -----------------------------------------------------------------------------------------------


def _foreign() -> Iterator[Case]:
    for name, first in {
        "HTTP GET": b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n",
        "HTTP POST": b"POST /hl7 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP HEAD": b"HEAD / HTTP/1.0\r\n\r\n",
        "HTTP PUT": b"PUT / HTTP/1.1\r\n\r\n",
        "HTTP OPTIONS": b"OPTIONS * HTTP/1.1\r\n\r\n",
        "HTTP DELETE": b"DELETE / HTTP/1.1\r\n\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
        "DICOM": b"\x01\x00\x00\x00\x00\xcd\x00\x01\x00\x00",
    }.items():
        yield Case(f"{name} is not MLLP", (first,), (), open=False)
