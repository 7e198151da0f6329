from typing import Any

import pytest

from hub.fhir.codes import MARITAL_STATUS
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, dtm_instant, tm_time
from hub.mappers.datatypes.ei_identifier import ei_identifier, eip_identifier
from hub.mappers.datatypes.pl_location import pl_location, place_name
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xpn_humanname import xpn_humanname
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.model import Json
from tests.unit.mappers.adt_messages import context, repetition

NPI = "http://hl7.org/fhir/sid/us-npi"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("1955", "1955"),
        ("195509", "1955-09"),
        ("19550914", "1955-09-14"),
        ("19550900", "1955-09"),
        ("2026030212", "2026-03-02T12:00:00-05:00"),
        ("202603021240", "2026-03-02T12:40:00-05:00"),
        ("20260302124030.5", "2026-03-02T12:40:30.5-05:00"),
        ("20260302124030.1234-0500", "2026-03-02T12:40:30.1234-05:00"),
        ("202607021240", "2026-07-02T12:40:00-04:00"),
        ("202603021240+0530", "2026-03-02T12:40:00+05:30"),
        ("202603021240-05", "2026-03-02T12:40:00-05:00"),
        ("202603021240-9900", "2026-03-02T12:40:00-05:00"),
        ("2026-03-02T12:40:30-05:00", "2026-03-02T12:40:30-05:00"),
        ("202603022400", "2026-03-03T00:00:00-05:00"),
        ("20261231235960Z", "2026-12-31T23:59:59Z"),
        ("19550914-0500", "1955-09-14"),
        (" 19550914 ", "1955-09-14"),
    ],
)
def test_precision_and_offset(sent: str, meant: str) -> None:
    """A DTM keeps its precision and its offset; without one it takes the feed's zone on that day."""
    assert dtm_datetime(sent, context(), "PID-7") == meant


@pytest.mark.parametrize("sent", ["yesterday", "20261399", "20260230", "202603022561", "0000", "1", "١٩٥٥"])
def test_no_time(sent: str) -> None:
    """A text that is no time gives nothing and a warning that names its place, without the text."""
    ctx = context()
    assert dtm_datetime(sent, ctx, "PID-7") == ""
    (issue,) = ctx.issues
    assert (issue.code, issue.path) == ("invalid-time", "PID-7")
    assert sent not in issue.text


def test_missing_hour_of_the_clock_change() -> None:
    """A local time that daylight saving skipped is still a valid instant."""
    assert dtm_datetime("202603080230", context(), "PV1-44") == "2026-03-08T02:30:00-05:00"


def test_instant_needs_a_time() -> None:
    """A day alone is no instant."""
    assert dtm_instant("20260302", context(), "MSH-7") == ""


@pytest.mark.parametrize(("sent", "meant"), [("1240", "12:40:00"), ("124030.25-0500", "12:40:30.25"), ("2461", "")])
def test_time(sent: str, meant: str) -> None:
    """A TM becomes a FHIR time, which has seconds and no offset."""
    assert tm_time(sent, context(), "OBX-5") == meant


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("1^^^M&1.2.3&ISO", {"value": "1", "system": "urn:oid:1.2.3", "assigner": {"display": "M"}}),
        ("1^^^M&1.2.3", {"value": "1", "system": "urn:oid:1.2.3", "assigner": {"display": "M"}}),
        ("1^^^&https://m.example/ids&URI", {"system": "https://m.example/ids", "value": "1"}),
        ("1^^^&7D444840-9DC0-11D1-B245-5FFDCE74FAD2&UUID", {"system": "urn:uuid:7d444840-9dc0-11d1-b245-5ffdce74fad2"}),
        ("1^^^LAKESIDE", {"system": "urn:oid:2.16.840.1.113883.3.4471", "assigner": {"display": "LAKESIDE"}}),
        ("1^^^MERCY", {"value": "1", "assigner": {"display": "MERCY"}}),
        ("1^^^MERCY&mercy.example&DNS", {"value": "1", "assigner": {"display": "MERCY"}}),
        (" 1 ^^^MERCY", {"value": "1", "assigner": {"display": "MERCY"}}),
    ],
)
def test_assigning_authority(sent: str, meant: dict[str, Any]) -> None:
    """An identifier's system is its authority's universal id, else the feed's entry; HD.1 is its assigner."""
    identifier = dict(cx_identifier(repetition(sent), context()))
    assert identifier["value"] == "1"
    assigner = identifier.pop("assigner", {})
    assert identifier == {**identifier, **{name: value for name, value in meant.items() if name != "assigner"}}
    assert "assigner" not in meant or assigner["display"] == meant["assigner"]["display"]
    assert "system" in meant or "system" not in identifier


def test_identifier_without_value() -> None:
    """An authority without a number is no identifier."""
    assert cx_identifier(repetition("^^^MERCY^MR"), context()) == {}


def test_entity_identifiers() -> None:
    """EI and both halves of EIP carry their authority and the type that their place gives them."""
    table = "http://terminology.hl7.org/CodeSystem/v2-0203"
    placer: Json = {"coding": [{"system": table, "code": "PLAC", "display": "Placer Identifier"}]}
    universal = {
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0301", "code": "ISO"}]},
        "system": "urn:ietf:rfc:3986",
        "value": "urn:oid:1.2.3",
    }
    assigner = {"identifier": universal, "display": "M"}
    expected = {"type": placer, "value": "R1", "system": "urn:oid:1.2.3", "assigner": assigner}
    assert ei_identifier(repetition("R1^M^1.2.3^ISO"), context(), "PLAC") == expected
    assert eip_identifier(repetition("R1&M&1.2.3&ISO^F1&L"), 1, context(), "PLAC") == expected
    assert eip_identifier(repetition("R1&M&1.2.3&ISO^F1&L"), 2, context())["value"] == "F1"


def test_universal_id_without_a_number() -> None:
    """An EI that has a universal id alone says what the thing is all the same."""
    oid, named = repetition("^^1.2.3^ISO"), repetition("^^UI1^CLIP")
    assert ei_identifier(oid, context())["value"] == "urn:oid:1.2.3"
    assert ei_identifier(named, context())["value"] == "UI1"
    assert ei_identifier(repetition("^M"), context()) == {}


def test_name_parts() -> None:
    """Each part of an XPN has its place, the parts of the family name among them."""
    name = xpn_humanname(repetition("Silva&de&Silva^Ana^Maria^II^Dr.^PhD^D"), context())
    assert name["use"] == "usual"
    assert (name["family"], name["given"]) == ("Silva", ["Ana", "Maria"])
    assert (name["prefix"], name["suffix"]) == (["Dr."], ["II", "PhD"])
    assert [e["valueString"] for e in name["_family"]["extension"]] == ["de", "Silva"]


@pytest.mark.parametrize(("code", "use"), [("L", "official"), ("M", "maiden"), ("BAD", "old"), ("Q", None)])
def test_name_use(code: str, use: str | None) -> None:
    """The kind of a name (table 0200) is its use, where R4 has one."""
    assert xpn_humanname(repetition(f"A^B^^^^^{code}"), context()).get("use") == use


def test_address_lines() -> None:
    """The parts of the street and the second line are lines; the kind of address is its use or its type."""
    home = xad_address(repetition("12 Elm St&Elm St&12^Apt 2^Springfield^IL^62701^USA^H^^Sangamon"), context())
    assert home["line"] == ["12 Elm St", "Elm St", "12", "Apt 2"]
    assert (home["use"], home["district"], home["country"]) == ("home", "Sangamon", "USA")
    assert xad_address(repetition("PO Box 9^^^^^^M"), context())["type"] == "postal"


@pytest.mark.parametrize(
    ("sent", "system", "value", "use"),
    [
        ("^PRN^PH^^1^217^5550123^22", "phone", "+1 217 5550123 X.22", "home"),
        ("(217)555-0123^WPN^FX", "fax", "(217)555-0123", "work"),
        ("^NET^Internet^a@example.org", "email", "a@example.org", None),
        ("^PRS^CP^^^217^5550123", "phone", "217 5550123", "mobile"),
        ("x^ORN^PH^^^^^^^^^+12175550123", "phone", "+12175550123", None),
        ("5550123", None, "5550123", None),
    ],
)
def test_telecom(sent: str, system: str | None, value: str, use: str | None) -> None:
    """An XTN gives system, value and use; without equipment the system is said to be unknown."""
    contact = xtn_contactpoint(repetition(sent), context())
    assert (contact.get("system"), contact["value"], contact.get("use")) == (system, value, use)
    assert ("_system" in contact) == (system is None)


def test_three_codings() -> None:
    """All three codings of a CWE are kept, and its text wins over their words."""
    concept = cwe_codeableconcept(
        repetition("K^Potassium^99MCY^2823-3^Potassium SerPl^LN^1^2.77^Serum potassium^Kx^^L"), context()
    )
    assert [c["system"] for c in concept["coding"]] == [
        "urn:oid:2.16.840.1.113883.3.7777",
        "http://loinc.org",
        "urn:carering:coding:mercy:L",
    ]
    assert concept["coding"][1]["version"] == "2.77"
    assert concept["text"] == "Serum potassium"


def test_words_alone() -> None:
    """A CWE without a code is its words."""
    assert cwe_codeableconcept(repetition("^dyspnea"), context()) == {"text": "dyspnea"}


def test_unknown_coding_system() -> None:
    """A coding system that nobody knows stays recognizable, and is reported once."""
    ctx = context()
    for _ in range(2):
        (coding,) = cwe_codeableconcept(repetition("X1^Word^MY CODES"), ctx)["coding"]
    assert coding["system"] == "urn:carering:coding:mercy:MY%20CODES"
    assert [(i.code, i.path) for i in ctx.issues] == [("unknown-coding-system", "PID-3.3")]


def test_translated_code() -> None:
    """A code of the field's table is translated and kept; one that is not in it is kept alone, with a warning."""
    ctx = context()
    meant, sent = cwe_codeableconcept(repetition("A^Separated^HL70002"), ctx, MARITAL_STATUS)["coding"]
    assert (meant["code"], sent["code"]) == ("L", "A")
    assert cwe_codeableconcept(repetition("ZZ"), ctx, MARITAL_STATUS)["coding"] == [
        {"system": "http://terminology.hl7.org/CodeSystem/v2-0002", "code": "ZZ"}
    ]
    assert [i.code for i in ctx.issues] == ["unmapped-code"]


@pytest.mark.parametrize(
    ("sent", "system"),
    [
        ("1234567893^Busy^Anna", NPI),
        ("555^Busy^Anna^^^^^^NPI", NPI),
        ("555^Busy^Anna^^^^^^^^^^NPI", NPI),
        ("1234567893^Busy^Anna^^^^^^MERCY", None),
        ("1234567890^Busy^Anna", None),
    ],
)
def test_npi(sent: str, system: str | None) -> None:
    """An NPI is known by type or authority, or by its check digit when no other authority claims the number."""
    practitioner = xcn_practitioner(repetition(sent), context())
    assert practitioner is not None
    assert practitioner["identifier"][0].get("system") == system


def test_one_practitioner() -> None:
    """The same clinician in two fields is one resource with all that both say."""
    ctx = context()
    first = xcn_practitioner(repetition("1234567893"), ctx)
    second = xcn_practitioner(repetition("1234567893^Busy^Anna"), ctx)
    assert first is second
    assert len(ctx.resources) == 1
    assert second is not None
    assert second["name"] == [{"family": "Busy", "given": ["Anna"]}]


def test_nothing_bleeds() -> None:
    """What one message adds to a clinician is not in the next message."""
    one = xcn_practitioner(repetition("1234567893^Busy^Anna"), context())
    assert one is not None
    one["telecom"] = [{"value": "1"}]
    two = xcn_practitioner(repetition("1234567893^Busy^Anna"), context())
    assert two is not None
    assert "telecom" not in two


def test_location_chain() -> None:
    """A bed is part of its room, that of its ward, level, building and site."""
    ctx = context()
    pl = repetition("4WEST^410^B^MERCY&1.2.3&ISO^^N^MAIN^4^by the window")
    bed = pl_location(pl, ctx)
    assert bed is not None
    assert bed["description"] == "by the window"
    assert bed["type"][0]["coding"][0]["code"] == "N"
    assert place_name(pl) == "4WEST 410 B"
    kinds = []
    place: Json | None = bed
    while place is not None:
        kinds.append(place["physicalType"]["coding"][0]["code"])
        place = ctx.resources.get(place.get("partOf", {}).get("reference", "").removeprefix("urn:uuid:"))
    assert kinds == ["bd", "ro", "wa", "lvl", "bu", "si"]


def test_same_ward_of_two_hospitals() -> None:
    """Wards of the same name in two facilities are two places."""
    ctx = context()
    here, there = pl_location(repetition("ICU^^^MERCY"), ctx), pl_location(repetition("ICU^^^LAKESIDE"), ctx)
    assert here is not None
    assert there is not None
    assert here["id"] != there["id"]


def test_organization() -> None:
    """An XON gives name and identifier; without an identifier the name is its identity within the feed."""
    ctx = context()
    clinic = xon_organization(repetition("Busy Practice^^501^^^MERCY^XX"), ctx)
    assert clinic is not None
    assert clinic["identifier"][0]["value"] == "501"
    assert xon_organization(repetition("Rail Works"), ctx) is xon_organization(repetition("Rail Works"), ctx)
    assert xon_organization(repetition(""), ctx) is None
