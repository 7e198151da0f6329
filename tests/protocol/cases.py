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
    yield taken("MSH-9 with a structure and no event", adt(f9="ADT^^ADT_A01"))
    yield taken("MSH-9 with a fourth component", adt(f9="ADT^A04^ADT_A01^X"))
    yield refused("MSH-9 null", adt(f9='""'), "AR M1 200 MSH-9")
    yield refused("MSH-9 an event alone", adt(f9="^A04"), "AR M1 200 MSH-9")
    for kind in ("ACK", "ACK^A01", "ACK^A01^ACK"):
        yield Case(f"{kind} is never acknowledged", (frame(adt(f9=kind, pid="MSA|AA|M0")),), ())
    for name, broken in {
        "of another version": adt(f9="ACK^A01", f12="9.9"),
        "without control id": adt(f9="ACK^A01", f10=""),
        "with unusable delimiters": adt(f9="ACK^A01").replace(b"^~\\&", b"^^^^", 1),
        "that asks for an answer": adt(f9="ACK^A01", f15="AL", f16="AL"),
    }.items():
        yield Case(f"an ACK {name} is never acknowledged", (frame(broken),), ())
    yield Case("an MCF is never acknowledged", (frame(adt(f9="MCF", pid="MSA|AA|M0")),), ())


ODD_IDS = (
    r"A\T\B", "A&B", "0" * 199, "X" * 255, "Y" * 2000, "with space", " before", "after ", "Ä1", "日本-1", "1^2", "M~1",
    "-1", "--json", "'quoted'", '"', "a/b", "100%", "*", "$HOME", "12345678", "MSA", "a\tb", "😀",
)  # fmt: skip
"""Control ids that go back as they came, and by which the message is found."""


def _headers() -> Iterator[Case]:
    for processing in ("P", "T", "D", "P^T", ""):
        yield taken(f"MSH-11 {processing or 'empty'}", adt(f11=processing))
    for processing in ("X", "production", "p"):
        yield refused(f"MSH-11 {processing}", adt(f11=processing), "AR M1 202 MSH-11")
    for version in (
        "2.0", "2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2",
        "2.9", "2.4^USA", "2.5.1^USA^X", "2.5.1 ",
    ):  # fmt: skip
        yield taken(f"MSH-12 {version}", adt(f12=version))
    yield taken("MSH-12 empty", adt(f12=""))
    yield taken("MSH-12 null", adt(f12='""'))
    for version in ("3.0", "9.9", "FHIR", "2", "2.99", "2.10", "25"):
        yield refused(f"MSH-12 {version}", adt(f12=version), "AR M1 203 MSH-12")
    yield refused("MSH-10 empty", adt(f10=""), "AE  101 MSH-10")
    yield refused("MSH-10 null", adt(f10='""'), "AE  101 MSH-10")
    yield refused("MSH-10 blank", adt(f10="  "), "AE    101 MSH-10")
    yield refused("MSH-10 too long for any index", adt("9" * 2001), f"AE {'9' * 2001} 104 MSH-10")
    for number, control_id in enumerate(ODD_IDS):
        said = control_id.encode().decode("latin-1")
        yield Case(f"MSH-10 verbatim {number}", (frame(adt(control_id)),), (f"AA {said}",), (control_id,))
    in_another_set = adt(f18="8859/1").replace(b"|M1|", b"|M\xfc1|")
    yield Case("MSH-10 in the set of MSH-18", (frame(in_another_set),), ("AA M\xfc1",), ("Mü1",))
    in_no_set = adt().replace(b"|M1|", b"|M\xfc1|")
    yield Case("MSH-10 in no declared set", (frame(in_no_set),), ("AA M\xfc1",), ("Mü1",))
    for number in ("17", "0", "-1", "x"):
        yield taken(f"MSH-13 {number} is no matter without agreement", adt(f13=number))
    yield refused("MSH-14 fragment", adt(f14="1"), "AR M1 199 MSH-14")
    yield taken("MSH-14 null", adt(f14='""'))
    yield refused("DSC at the end", adt() + b"DSC|1|F\r", "AR M1 199 DSC-1")
    yield refused("DSC without its end", adt() + b"DSC|1|F", "AR M1 199 DSC-1")
    for name, end in {"LF": b"\n", "CRLF": b"\r\n"}.items():
        body = (adt() + b"DSC|1|F\r").replace(b"\r", end)
        yield refused(f"DSC after {name}", body, "AR M1 199 DSC-1")
    yield refused("DSC far from the end", adt() + b"DSC|1|F\r" + b"NTE|1||x\r" * 500, "AR M1 199 DSC-1")
    yield refused("DSC with a long pointer", adt() + b"DSC|" + b"9" * 900 + b"|F\r", "AR M1 199 DSC-1")
    yield refused("ADD goes on with another message's segment", adt() + b"ADD|rest of an OBX\r", "AR M1 199 ADD")
    yield taken("DSC that points nowhere", adt() + b"DSC||F\r")
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
    for characters in ("^~&#", "!@", "$%*", "^~\\&!"):
        body = standard.replace(b"^~\\&", characters.encode(), 1)
        yield taken(f"MSH-2 {characters}", body.replace(b"^", characters[:1].encode()))
    for characters in (
        "", "^", "^^", "^^\\&", "^~~&", "^~\\^", "^~\\\\", "ab\\&", "^~\\&#!", "^~\\1", "^~\\ ", "^~\\&&", "1234",
    ):  # fmt: skip
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
    yield taken("blank lines before MSH", b"\r\n\r\n" + standard)
    yield taken("a byte order mark and blank lines", b"\xef\xbb\xbf\r\n" + standard)
    yield taken("a byte order mark and LF", b"\xef\xbb\xbf" + standard.replace(b"\r", b"\n"))
    yield taken("blank segments in CRLF", standard.replace(b"\r", b"\r\n\r\n"))
    yield taken("PID after LF", standard.replace(b"\rPID", b"\nPID"))
    yield taken("MSH and PID in LF, without the last", standard.replace(b"\r", b"\n").rstrip())
    yield taken("two PID", standard + b"PID|2||1^^^M\r")
    yield taken("a segment twice", standard + b"PV1|2|I\r")
    yield taken("an empty segment", standard + b"NTE\rNTE|\r")
    yield taken("control characters in a text", standard + b"NTE|1||a\x00\x01\x07b\r")
    yield taken("MSH at the start of a later text", standard + b"NTE|1||MSH was here\r")
    yield refused("PID in lower case", standard.replace(b"\rPID", b"\rpid"), "AE M1 100 PID")
    yield refused("PID without fields", adt(pid="PID"), "AE M1 100 PID")
    yield refused("PID of one field", adt(pid="PID|1"), "AE M1 101 PID-3")
    yield refused("PID-3 blank", adt(pid="PID|1||  ||Andrews"), "AE M1 101 PID-3")
    yield refused("PID-3 of repeats without a number", adt(pid="PID|1||~^^^M~||Andrews"), "AE M1 101 PID-3")
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
        "UNICODE": ("utf-8", "Müller"), "utf8": ("utf-8", "Müller"), "8859/10": ("iso8859_10", "Ņina"),
        "8859/11": ("iso8859_11", "สมชาย"), "8859/13": ("iso8859_13", "Žemaitė"), "8859/14": ("iso8859_14", "Ŵyn"),
        "8859/16": ("iso8859_16", "Ștefan"), "unicode utf-8": ("utf-8", "山田"), " UTF-8 ": ("utf-8", "山田"),
    }  # fmt: skip
    for label, (codec, word) in words.items():
        yield taken(f"MSH-18 {label}", adt(f18=label) + f"NTE|1||{word}\r".encode(codec))
    yield taken("MSH-18 empty with ASCII", adt())
    yield taken("MSH-18 empty with UTF-8", adt() + "NTE|1||Müller\r".encode())
    yield taken("MSH-18 repeats", adt(f18="~ISO IR87") + "NTE|1||山田\r".encode("iso2022_jp"))
    yield taken("MSH-18 repeats, both Latin", adt(f18="8859/1~8859/2") + b"NTE|1||M\xfcller\r")
    yield taken("MSH-18 null", adt(f18='""'))
    yield taken("MSH-18 ASCII behind a byte order mark", b"\xef\xbb\xbf" + adt(f18="ASCII"))
    yield taken("MSH-18 UTF-8 behind a byte order mark", b"\xef\xbb\xbf" + adt(f18="UNICODE UTF-8"))
    half = "PID|1||70045^^^MERCY^MR||功^許"  # characters whose second byte is a delimiter of ASCII
    yield taken("MSH-18 BIG-5 with delimiters inside of characters", adt(f18="BIG-5", pid=half).decode().encode("big5"))
    yield refused("MSH-18 repeats, one not known", adt(f18="8859/1~KLINGON"), "AE M1 103 MSH-18")
    for label in ("KLINGON", "UTF-16", "UNICODE UTF-16", "UNICODE UTF-32", "8859/12", "8859/99", "8859", "EBCDIC", "?"):
        yield refused(f"MSH-18 {label} is not known", adt(f18=label), "AE M1 103 MSH-18")
    for label, wrong in {
        "UNICODE UTF-8": b"M\xfcller",
        "UTF-8": b"\xc3",
        "ASCII": "ü".encode(),
        "8859/7": b"\xff",
        "UNICODE": b"\xed\xa0\x80",
        "utf-8": b"\xc0\xaf",
        "GB 18030-2000": b"\xff\xff",
        "KS X 1001": b"\xb0",
        "BIG-5": b"\xa4",
        "8859/3": b"\xa5",
    }.items():
        body = adt(f18=label) + b"NTE|1||" + wrong + b"\r"
        yield refused(f"MSH-18 {label} with other bytes", body, "AE M1 102 MSH-18")
    in_header = adt(f18="UNICODE UTF-8").replace(b"|MERCY|", b"|M\xe9RCY|", 1)
    yield refused("MSH-18 UTF-8 with other bytes in the header", in_header, "AE M1 102 MSH-18")


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
        "BHS and BTS in LF": (_BHS + two + b"BTS|2\r").replace(b"\r", b"\n"),
        "BHS and BTS in CRLF": (_BHS + two + b"BTS|2\r").replace(b"\r", b"\r\n"),
        "behind a byte order mark": b"\xef\xbb\xbf" + _BHS + two + b"BTS|2\r",
        "blank lines between": _BHS + adt("B1") + b"\r\r" + adt("B2") + b"\r\nBTS|2\r",
        "BTS with a comment": _BHS + two + b"BTS|2|done|7\r",
        "BTS with zeros before its count": _BHS + two + b"BTS|002\r",
        "BTS without its end": _BHS + two + b"BTS|2",
        "FHS and FTS without a batch": _FHS + two + b"FTS\r",
        "two batches in a file": _FHS + _BHS + adt("B1") + b"BTS|1\r" + _BHS + adt("B2") + b"BTS|1\rFTS|2\r",
    }.items():
        yield Case(f"batch: {name}", (frame(body),), both, ("B1", "B2"))
    for name, body, said in (
        ("BTS missing", _BHS + two, "AE  199 BTS"),
        ("FTS missing", _FHS + _BHS + two + b"BTS|2\r", "AE  199 FTS"),
        ("BTS counts otherwise", _BHS + two + b"BTS|3\r", "AE  199 BTS-1"),
        ("FTS counts otherwise", _FHS + _BHS + two + b"BTS|2\rFTS|2\r", "AE  199 FTS-1"),
        ("no message", _BHS + b"BTS|0\r", "AE  199 BHS"),
        ("BTS counts nothing readable", _BHS + two + b"BTS|two\r", "AE  199 BTS-1"),
        ("BTS missing before FTS", _FHS + _BHS + two + b"FTS|1\r", "AE  100 FTS"),
        ("BTS missing, the last message cut", _BHS + adt("B1") + adt("B2")[:40], "AE  199 BTS"),
        ("BHS alone", _BHS, "AE  199 BTS"),
        ("BHS twice", _BHS + _BHS + two + b"BTS|2\r", "AE  100 BHS"),
        ("a segment behind BTS", _BHS + two + b"BTS|2\rNTE|1\r", "AE  100 BTS"),
        ("known by BHS-11", _BHS[:-1] + b"|||||||BATCH-7\r" + two, "AE BATCH-7 199 BTS"),
        ("known by FHS-11", _FHS[:-1] + b"|||||||FILE-7\r" + _BHS + two + b"BTS|2\r", "AE FILE-7 199 FTS"),
        ("known by the BHS-11 of its first batch", _FHS + _BHS[:-1] + b"|||||||BATCH-7\r", "AE BATCH-7 199 BTS"),
        ("BTS without BHS", two + b"BTS|2\r", "AE B1 100 BTS"),
        ("a segment between", _BHS + b"NTE|1\r" + two + b"BTS|2\r", "AE  100 BHS"),
    ):
        yield Case(f"batch: {name}", (frame(body),), (said,))
    one_bad = _BHS + adt("B1") + adt("B2", f11="X") + adt("B3") + b"BTS|3\r"
    said = ("AA B1", "AR B2 202 MSH-11", "AA B3")
    yield Case("batch: each message has its own answer", (frame(one_bad),), said, ("B1", "B3"))
    quiet = _BHS + adt("B1", f15="NE", f16="NE") + adt("B2") + adt("B3", f9="ACK") + b"BTS|3\r"
    yield Case("batch: each message in its own mode", (frame(quiet),), ("AA B2",), ("B1", "B2"))
    many = tuple(f"B{n}" for n in range(300))
    body = _BHS + b"".join(map(adt, many)) + b"BTS|300\r"
    yield Case("batch: of 300 messages", (frame(body)[:-2], b"\x1c\r"), tuple(f"AA {n}" for n in many), many)
    other = (_BHS + adt("B1") + b"BTS|1\r").replace(b"|", b"*")
    yield Case("batch: with another field separator", (frame(other),), ("AA B1",), ("B1",))


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
    yield Case(
        "half-closed after many frames", (whole * 300,), ("AA M1",) * 300, ("M1",) * 300, open=False, half_close=True
    )
    asked = frame(adt(f15="AL", f16="AL"))
    yield Case(
        "half-closed before the application acknowledgement",
        (asked,),
        ("CA M1",),
        ("M1",),
        open=False,
        half_close=True,
        later=("AA M1",),
    )
    yield Case("half-closed within the second", (whole + half,), ("AA M1",), ("M1",), open=False, half_close=True)
    yield Case("half-closed without a word", (), (), open=False, half_close=True)
    yield Case("a frame and a half in one write", (whole + whole[:50], whole[50:]), ("AA M1",) * 2, ("M1",) * 2)
    yield Case("two VT", (b"\x0b" + whole,), ("AA M1",), ("M1",))
    yield Case("two FS", (whole[:-2] + b"\x1c\x1c\r",), ("AA M1",), ("M1",))
    yield Case("FS LF is no end", (whole[:-1] + b"\n" + whole,), ("AA M1",), ("M1",))
    yield Case("NUL between frames", (whole + b"\x00\x00" + whole,), ("AA M1",) * 2, ("M1",) * 2)
    yield Case("noise of 4096 bytes is skipped", (b"n" * 4096 + whole,), ("AA M1",), ("M1",))
    yield Case("noise of 4097 bytes is not", (b"n" * 4097 + whole,), (), open=False)
    yield Case("noise behind a good frame", (whole, b"n" * 5000), ("AA M1",), ("M1",), open=False)
    yield Case("a good frame and noise in one write", (whole + b"n" * 5000,), ("AA M1",), ("M1",), open=False)
    yield Case("halves again and again", (half * 400 + whole,), ("AA M1",), ("M1",))
    filled = adt() + b"NTE|1||"
    filled += b"x" * (FRAME_LIMIT - len(filled))
    yield Case("a frame of just the limit", (frame(filled),), ("AA M1",), ("M1",))
    yield Case("a frame of one byte more", (frame(filled + b"x"),), ("AR M1 104",), open=False)
    yield Case(
        "a good frame before a too long one",
        (whole + frame(filled + b"xx"),),
        ("AA M1", "AR M1 104"),
        ("M1",),
        open=False,
    )
    long = frame(adt() + b"NTE|1||" + b"x" * FRAME_LIMIT + b"\r")
    yield Case("a frame over the limit", (long,), ("AR M1 104",), open=False)
    yield Case("a frame over the limit that is no HL7", (b"\x0b" + b"x" * (FRAME_LIMIT + 9),), ("AR  104",), open=False)
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
        "HTTP PATCH": b"PATCH / HTTP/1.1\r\n\r\n",
        "HTTP CONNECT": b"CONNECT hub:2575 HTTP/1.1\r\n\r\n",
        "HTTP TRACE": b"TRACE / HTTP/1.1\r\n\r\n",
        "HTTP behind a blank line": b"\r\nGET / HTTP/1.1\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
        "DICOM": b"\x01\x00\x00\x00\x00\xcd\x00\x01\x00\x00",
    }.items():
        yield Case(f"{name} is not MLLP", (first,), (), open=False)
    bit_by_bit = tuple(bytes([byte]) for byte in b"POST / HTTP/1.1")
    yield Case("HTTP byte by byte is not MLLP", bit_by_bit, (), open=False)
    yield Case("SSH in two pieces is not MLLP", (b"SS", b"H-2.0-x\r\n"), (), open=False)
    yield Case("HTTP behind a good frame", (frame(adt()), b"GET / HTTP/1.1\r\n\r\n"), ("AA M1",), ("M1",), open=False)
    yield taken("a message that tells of HTTP", adt() + b"NTE|1||GET / HTTP/1.1\r")
