"""What the R4 check refuses, and where it says so; one rule of the standard after the other."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.fhir.check import Problem, _targets, check
from hub.fhir.check.definitions import codes, elements, is_resource
from hub.fhir.check.scope import Scope
from hub.fhir.check.structure import resource as thorough
from hub.model import Json
from tests.bundles import (
    CLINIC,
    ENCOUNTER,
    PATIENT,
    bundle_of,
    clinic,
    encounter,
    expected_bundles,
    observation,
    patient,
    to,
)

PLACE = "Bundle.entry[1].resource"
MRN = {"system": "urn:oid:1.2.3", "value": "1"}


def wrong(resource: Json, *others: Json) -> list[str]:
    """The paths, within the first resource after the header, of what is wrong in a bundle of these and the patient."""
    problems, *again = (check(_bundle(resource, others)) for _ in range(3))  # a shape is met first, again, and known
    assert again == [problems] * 2
    assert all(problem.path.startswith(PLACE) for problem in problems), problems
    return [problem.path.removeprefix(PLACE).removeprefix(".") for problem in problems]


def good(resource: Json, *others: Json) -> bool:
    return [check(_bundle(resource, others)) for _ in range(3)] == [[], [], []]


def _bundle(resource: Json, others: tuple[Json, ...]) -> Json:
    every = (resource, *others)
    return bundle_of(*every, *([] if any(one.get("id") == PATIENT for one in every) else [patient()]))


def test_a_valid_bundle_has_no_problems() -> None:
    """Nothing is said of a bundle that is valid."""
    bundle = bundle_of(patient(name=[{"family": "Doe", "given": ["Jane", "Q"]}]), encounter(), clinic())
    assert check(bundle) == []


def test_the_path_leads_to_the_element() -> None:
    """A problem names the element by its FHIRPath from the bundle on."""
    bundle = bundle_of(patient(name=[{"family": "Doe"}, {"given": ["Jane", ""]}]))
    assert check(bundle) == [
        Problem(
            "Bundle.entry[1].resource.name[1].given[1]",
            "is no string: some character that is no white space, no control characters, at most 1 MB",
        )
    ]


def test_all_problems_are_listed() -> None:
    """Everything that is wrong is listed, not only the first of it."""
    assert wrong(patient(gender="x", birthDate="1.2.1980", name=[{"use": "x"}])) == [
        "gender",
        "birthDate",
        "name[0].use",
    ]


def test_no_problem_shows_a_value() -> None:
    """What is said of a problem holds no value of the bundle (promise P9)."""
    bundle = bundle_of(patient(birthDate="Secret", gender="Secret", name=[{"family": {"x": "Secret"}}], Secrets=1))
    assert "Secret " not in " ".join(problem.text for problem in check(bundle))
    assert not any("Secret" in problem.text for problem in check(bundle))


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (patient(nick="Jo"), "nick"),
        (patient(name=[{"nick": "Jo"}]), "name[0].nick"),
        (patient(contact=[{"gender": "male", "nick": "Jo", "name": {"text": "Jo"}}]), "contact[0].nick"),
        (patient(valueString="x"), "valueString"),
        (observation(valueHumanName={"text": "x"}), "valueHumanName"),
        (patient(_name=[{"id": "x"}]), "_name"),
        (patient(resourcetype="Patient"), "resourcetype"),
        (patient(text={"status": "generated", "div": "<div>x</div>", "id_": "x"}), "text.id_"),
    ],
)
def test_unknown_members_are_refused(resource: Json, path: str) -> None:
    """A member that the definition does not have is refused, at any depth."""
    assert wrong(resource) == [path]


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ({"resourceType": "Encounter", "id": PATIENT, "class": {"code": "IMP"}}, "status"),
        ({"resourceType": "Observation", "id": PATIENT, "status": "final"}, "code"),
        (patient(communication=[{"preferred": True}]), "communication[0].language"),
        (patient(link=[{"type": "replaces"}]), "link[0].other"),
        (patient(extension=[{"valueString": "x"}]), "extension[0].url"),
        ({"resourceType": "MedicationRequest", "id": PATIENT, "status": "active", "intent": "order",
          "subject": to(PATIENT)}, "medication[x]"),
    ],
)  # fmt: skip
def test_required_elements_must_be_there(resource: Json, path: str) -> None:
    """An element that the definition requires must be there."""
    assert path in wrong(resource)


def test_an_extension_stands_for_a_required_primitive() -> None:
    """A required primitive may say by an extension why it has no value."""
    absent = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    }
    assert good({"resourceType": "Encounter", "id": PATIENT, "_status": absent, "class": {"code": "IMP"}})


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (patient(name={"family": "Doe"}), "name"),
        (patient(gender=["male"]), "gender"),
        (patient(name=[]), "name"),
        (patient(name=[{}]), "name[0]"),
        (patient(maritalStatus={}), "maritalStatus"),
        (patient(maritalStatus=[{"text": "x"}]), "maritalStatus"),
        (patient(name=[{"family": None}]), "name[0].family"),
        (patient(name=[None]), "name[0]"),
        (patient(name=[{"given": ["Jo", None]}]), "name[0].given[1]"),
        (patient(name=[{"id": "x"}]), "name[0]"),
        (patient(birthDate=""), "birthDate"),
        (patient(maritalStatus=None), "maritalStatus"),
        (observation(category=[None]), "category[0]"),
        (observation(category=[0]), "category[0]"),
    ],
)
def test_arrays_and_objects_are_as_defined_and_never_empty(resource: Json, path: str) -> None:
    """What may repeat is an array of at least one element, all else a single value; nothing is empty."""
    assert wrong(resource) == [path]


def test_a_choice_is_made_once() -> None:
    """Of a choice of types there is one at most."""
    assert wrong(patient(deceasedBoolean=True, deceasedDateTime="2020")) == ["deceased[x]"]


def test_extensions_stand_beside_primitives() -> None:
    """Extensions of a primitive stand in a member of its name with an underscore, place by place in arrays."""
    said = {"extension": [{"url": "urn:x", "valueString": "y"}]}
    assert good(patient(birthDate="1980", _birthDate=said))
    assert good(patient(name=[{"given": ["Jo", None], "_given": [None, said]}]))
    assert wrong(patient(name=[{"given": ["Jo", None], "_given": [said, None]}])) == ["name[0]"]
    assert wrong(patient(name=[{"given": ["Jo"], "_given": [None, said]}])) == ["name[0]"]
    assert wrong(patient(_birthDate={"extension": [{"url": "urn:x"}]})) == ["_birthDate.extension[0]"]


@pytest.mark.parametrize("value", ["1980", "1980-02", "1980-02-29", "2026-12-31"])
def test_dates(value: str) -> None:
    """A date is a year, a month or a day."""
    assert good(patient(birthDate=value))


@pytest.mark.parametrize(
    "value", ["80", "1980-13", "1981-02-29", "1980-2-1", "19800201", "1980-02-01T00:00:00Z", "0000", 1980]
)
def test_dates_are_of_the_calendar(value: Any) -> None:
    """A date of another form, or that is not in the calendar, is refused."""
    assert wrong(patient(birthDate=value)) == ["birthDate"]


@pytest.mark.parametrize(
    "value", ["2026", "2026-03", "2026-03-01", "2026-03-01T23:59:60Z", "2026-03-01T08:00:00.1234+14:00"]
)
def test_date_times(value: str) -> None:
    """A dateTime is a date, or a moment with an offset."""
    assert good(patient(deceasedDateTime=value))


@pytest.mark.parametrize(
    "value",
    ["2026-03-01T08:00:00", "2026-03-01T08:00Z", "2026-03-01T24:00:00Z", "2026-03-01T08:00:00+15:00",
     "2026-02-30T08:00:00Z",
     "2026-03-01 08:00:00Z", "2026-03-01T08:00:00+0100", "٢٠٢٦"],
)  # fmt: skip
def test_date_times_have_an_offset(value: str) -> None:
    """A dateTime with a time of day has seconds and an offset."""
    assert wrong(patient(deceasedDateTime=value)) == ["deceasedDateTime"]


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (observation(issued="2026-03-01"), "issued"),
        (observation(valueTime="8:00"), "valueTime"),
        (patient(active="true"), "active"),
        (patient(active=1), "active"),
        (patient(multipleBirthInteger=1.0), "multipleBirthInteger"),
        (patient(multipleBirthInteger=True), "multipleBirthInteger"),
        (patient(multipleBirthInteger=2**31), "multipleBirthInteger"),
        (patient(telecom=[{"system": "phone", "value": "1", "rank": 0}]), "telecom[0].rank"),
        (patient(language="en  US"), "language"),
        (patient(photo=[{"contentType": "image/png", "data": "a"}]), "photo[0].data"),
        (patient(photo=[{"url": "http://x y"}]), "photo[0].url"),
        (patient(identifier=[MRN | {"system": "a b"}]), "identifier[0].system"),
        (patient(name=[{"family": "a\x00b"}]), "name[0].family"),
        (patient(name=[{"family": " \t"}]), "name[0].family"),
        (patient(name=[{"family": 1}]), "name[0].family"),
        (observation(valueQuantity={"value": "7.2"}), "valueQuantity.value"),
        (observation(valueQuantity={"value": float("nan")}), "valueQuantity.value"),
        (observation(valueQuantity={"value": orjson.Fragment("07.2")}), "valueQuantity.value"),
        (patient(text={"status": "generated", "div": "x"}), "text.div"),
        (patient(extension=[{"url": "urn:x", "valueOid": "1.2.3"}]), "extension[0].valueOid"),
        (patient(extension=[{"url": "urn:x", "valueUuid": "urn:uuid:1"}]), "extension[0].valueUuid"),
        (patient(extension=[{"url": "urn:x", "valueUnsignedInt": -1}]), "extension[0].valueUnsignedInt"),
    ],
)  # fmt: skip
def test_primitives_have_their_form(resource: Json, path: str) -> None:
    """A primitive has the JSON type and the form of its type."""
    assert wrong(resource) == [path]


@pytest.mark.parametrize("value", [1, 1.5, -0.25, orjson.Fragment("72.50"), orjson.Fragment("1e-3")])
def test_decimals_may_be_literals(value: Any) -> None:
    """A decimal is a number, or the literal of one that is kept digit for digit."""
    assert good(observation(valueQuantity={"value": value}))


def test_strings_may_hold_lines() -> None:
    """A string may hold tabs, ends of line and any other script."""
    assert good(patient(name=[{"text": "Jo\r\n\tDoe\u00a0Ångström 李"}]))


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (patient(gender="M"), "gender"),
        (patient(name=[{"use": "legal"}]), "name[0].use"),
        (encounter(status="discharged"), "status"),
        (patient(link=[{"other": to(PATIENT), "type": "Replaces"}]), "link[0].type"),
    ],
)
def test_codes_of_required_bindings(resource: Json, path: str) -> None:
    """A code that is bound as required must be of its value set."""
    assert path in wrong(resource)


def test_concepts_of_required_bindings() -> None:
    """A CodeableConcept that is bound as required has a coding of its value set; others may stand beside it."""
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    active, own = {"system": system, "code": "active"}, {"system": "urn:x", "code": "A"}

    def problem(**members: Any) -> list[str]:
        return wrong({"resourceType": "Condition", "id": CLINIC, "subject": to(PATIENT), **members})

    assert problem(clinicalStatus={"coding": [own, active]}) == []
    assert problem(clinicalStatus={"coding": [own]}) == ["clinicalStatus"]
    assert problem(clinicalStatus={"text": "active"}) == ["clinicalStatus"]
    assert problem(clinicalStatus={"coding": [active | {"code": "Active"}]}) == ["clinicalStatus"]


def test_references_lead_to_an_entry() -> None:
    """A reference within the bundle leads to one of its entries, in every bundle anew."""
    assert check(bundle_of(encounter(), patient())) == []
    assert [problem.path for problem in check(bundle_of(encounter()))] == [f"{PLACE}.subject.reference"]


def test_references_lead_to_an_allowed_type() -> None:
    """A reference leads to a type that its definition allows."""
    assert wrong(encounter(subject=to(CLINIC)), clinic()) == ["subject.reference"]
    assert wrong(encounter(subject=to(CLINIC) | {"display": "Lakeside"}), clinic()) == ["subject.reference"]
    assert wrong(encounter(subject={"reference": "Location/1"})) == ["subject.reference"]
    assert wrong(encounter(subject={"type": "Location", "display": "x"})) == ["subject.reference"]
    assert good(encounter(subject={"reference": "Patient/1"}))
    assert good(encounter(subject={"reference": "https://example.org/fhir/Patient/1/_history/2"}))
    assert good(encounter(subject={"identifier": MRN, "display": "somebody"}))


def test_references_that_name_nothing() -> None:
    """What is neither an entry, a contained resource nor the address of a resource is no reference."""
    assert wrong(encounter(subject={"reference": "somebody"})) == ["subject.reference"]
    assert wrong(encounter(subject={"reference": "#p"})) == ["subject.reference"]
    assert wrong(encounter(subject={"reference": "Human/1"})) == ["subject.reference"]


def test_references_in_shared_elements_are_followed_each_time() -> None:
    """An element that stands in many bundles is known to be good, but its references are followed in each."""
    seat = {"resourceType": "Location", "id": ENCOUNTER, "managingOrganization": to(CLINIC), "name": "Bed 1"}
    concept = {"coding": [{"code": "x", "extension": [{"url": "urn:x", "valueReference": to(CLINIC)}]}]}
    for shared, path in (
        (seat, "managingOrganization.reference"),
        (observation(code=concept), "code.coding[0].extension[0].valueReference.reference"),
    ):
        assert good(shared, clinic())
        assert good(shared, clinic())
        assert wrong(shared) == [path]


def test_a_resource_that_recurs_is_good_where_it_leads_to_the_same_types() -> None:
    """What was found good with one bundle around it is not, where its reference leads to another type of resource."""
    visit, somebody = encounter(subject=to(CLINIC)), patient() | {"id": CLINIC}
    assert good(visit, somebody)
    assert wrong(visit, clinic()) == ["subject.reference"]
    assert good(visit, somebody)


def test_a_text_is_no_reference() -> None:
    """A text that looks as a reference does in JSON leads nowhere, and need not."""
    assert good(patient(name=[{"text": '{"reference":"urn:uuid:x"}'}]))


def test_contained_resources() -> None:
    """Contained resources are checked, referred to by ``#id`` from around them, and not nested."""
    held = {"resourceType": "Organization", "id": "o", "name": "Lakeside"}
    managed = patient(managingOrganization={"reference": "#o"})
    assert good(managed | {"contained": [held]})
    assert wrong(managed | {"contained": [held | {"nick": "x"}]}) == ["contained[0].nick"]
    assert wrong(managed | {"contained": [held | {"contained": [held]}]}) == ["contained[0].contained"]
    assert wrong(managed | {"contained": [held | {"resourceType": "Location"}]}) == ["managingOrganization.reference"]
    assert wrong(patient(contained=[held])) == ["contained"]


@pytest.mark.parametrize("kind", ["Human", "DomainResource", "HumanName", "Patient.contact", None, 1])
def test_only_resources_of_r4(kind: Any) -> None:
    """An entry holds a resource that FHIR R4 has."""
    assert wrong(patient() | {"resourceType": kind}) == ["resourceType"]


def test_a_resource_without_a_type() -> None:
    """A resource says of which type it is."""
    bundle = bundle_of(patient())
    del bundle["entry"][1]["resource"]["resourceType"]
    assert Problem(f"{PLACE}.resourceType", "is no resource of FHIR R4") in check(bundle)


def test_the_bundle_itself() -> None:
    """A message begins with its MessageHeader, names each entry once and after its resource's id."""

    def paths(change: Any) -> list[str]:
        bundle = bundle_of(patient(), clinic())
        change(bundle)
        return [problem.path for problem in check(bundle)]

    assert paths(lambda b: b["entry"].pop(0)) == ["Bundle"]
    assert paths(lambda b: b["entry"].append(b["entry"][1])) == ["Bundle"]
    assert paths(lambda b: b["entry"][1].update(fullUrl=f"urn:uuid:{CLINIC[:-1]}9")) == ["Bundle.entry[1]"]
    assert paths(lambda b: b["entry"][1].update(fullUrl="a b")) == ["Bundle.entry[1].fullUrl"]
    assert paths(lambda b: b["entry"][1].pop("resource")) == ["Bundle.entry[1]"]
    assert paths(lambda b: b.update(type="envelope")) == ["Bundle.type"]
    assert paths(lambda b: b.update(entry=[])) == ["Bundle.entry"]
    assert paths(lambda b: b["entry"].append("x")) == ["Bundle.entry[3]"]


def test_extensions_of_hl7_have_their_type() -> None:
    """An extension that HL7 publishes with R4 has a value of the type it is defined with."""
    url = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
    assert good(patient(extension=[{"url": url, "valueDateTime": "1980-01-01T08:00:00Z"}]))
    assert wrong(patient(extension=[{"url": url, "valueString": "8 o'clock"}])) == ["extension[0]"]


def test_extensions_are_named_by_an_absolute_url() -> None:
    """The URL of an extension is absolute, but for those within another one."""
    within = {"url": "urn:x", "extension": [{"url": "part", "valueString": "y"}]}
    assert good(patient(extension=[within]))
    assert wrong(patient(extension=[{"url": "part", "valueString": "y"}])) == ["extension[0].url"]


_ALLERGY = {"resourceType": "AllergyIntolerance", "id": CLINIC, "patient": to(PATIENT)}
_HL7 = "http://terminology.hl7.org/CodeSystem/"
_IN_ERROR = {"coding": [{"system": _HL7 + "allergyintolerance-verification", "code": "entered-in-error"}]}
_CLINICAL = {"coding": [{"system": _HL7 + "allergyintolerance-clinical", "code": "active"}]}
_VISIT = {
    "resourceType": "Appointment",
    "id": CLINIC,
    "status": "booked",
    "participant": [{"actor": to(PATIENT), "status": "accepted"}],
}


@pytest.mark.parametrize(
    ("resource", "key"),
    [
        (patient(extension=[{"url": "urn:x"}]), "ext-1"),
        (patient(extension=[{"url": "urn:x", "valueId": "x", "extension": [{"url": "y", "valueId": "z"}]}]), "ext-1"),
        (patient(photo=[{"data": "QUJD"}]), "att-1"),
        (patient(telecom=[{"value": "555"}]), "cpt-2"),
        (patient(contact=[{"gender": "male"}]), "pat-1"),
        (clinic() | {"name": None, "active": True} | {"resourceType": "Organization"}, "is no string"),
        ({"resourceType": "Organization", "id": CLINIC, "active": True}, "org-1"),
        (clinic(address=[{"use": "home", "city": "x"}]), "org-2"),
        (clinic(telecom=[{"use": "home", "system": "phone", "value": "1"}]), "org-3"),
        (observation(valueQuantity={"value": 1, "code": "mg"}), "qty-3"),
        (observation(valueString="x", dataAbsentReason={"text": "x"}), "obs-6"),
        (observation(code={"coding": [{"code": "a"}]}, valueString="x",
                     component=[{"code": {"coding": [{"code": "a"}]}, "valueString": "x"}]), "obs-7"),
        (observation(referenceRange=[{"type": {"text": "normal"}}]), "obs-3"),
        (observation(valueRatio={"numerator": {"value": 1}}), "rat-1"),
        (observation(valueRange={"low": {"value": 1, "comparator": "<"}}), "comparator"),
        (encounter(period={"start": "2026-03-02", "end": "2026-03-01T10:00:00Z"}), "per-1"),
        (encounter(period={"start": "2026-03-01T10:00:00Z", "end": "2026-03-01T10:30:00.5+01:00"}), "per-1"),
        (_ALLERGY, "ait-1"),
        (_ALLERGY | {"clinicalStatus": _CLINICAL, "verificationStatus": _IN_ERROR}, "ait-2"),
        (_VISIT | {"start": "2026-03-01T10:00:00Z"}, "app-2"),
        (_VISIT, "app-3"),
        (_VISIT | {"status": "proposed", "cancelationReason": {"text": "x"}}, "app-4"),
        (_VISIT | {"status": "proposed", "participant": [{"status": "accepted"}]}, "app-1"),
        ({"resourceType": "Task", "id": CLINIC, "status": "accepted", "intent": "order", "authoredOn": "2026-03-02",
          "lastModified": "2026-03-01"}, "inv-1"),
    ],
)  # fmt: skip
def test_invariants(resource: Json, key: str) -> None:
    """What the invariants of R4 forbid is refused, and the invariant is named."""
    problems = check(_bundle(resource, ()))
    assert any(key in problem.path + problem.text for problem in problems), problems


@pytest.mark.parametrize(
    "resource",
    [
        encounter(period={"start": "2026-03-01T10:00:00Z", "end": "2026-03-01"}),
        encounter(period={"start": "2026-03-01T10:00:00+01:00", "end": "2026-03-01T09:30:00.250Z"}),
        encounter(period={"start": "2026-03-01T23:59:60Z", "end": "2026-03-02"}),
        _ALLERGY | {"verificationStatus": _IN_ERROR},
        _VISIT | {"start": "2026-03-01T10:00:00Z", "end": "2026-03-01T10:00:00Z"},
        patient(telecom=[{"value": "555", "_system": {"extension": [{"url": "urn:x", "valueCode": "unknown"}]}}]),
    ],
)
def test_what_invariants_allow(resource: Json) -> None:
    """What the invariants leave open is not refused."""
    assert good(resource)


@pytest.mark.parametrize("change", [[], "x", 1, None, True, {}, [{}], [[]], {"": 1}, {"resourceType": []}])
def test_anything_may_stand_anywhere(change: Any) -> None:
    """Whatever JSON stands in the place of an element: the check says what is wrong and never fails itself."""
    for name in ("identifier", "name", "gender", "extension", "contained", "generalPractitioner", "meta", "text"):
        assert wrong(patient() | {name: change})
        assert wrong(patient(extension=[{"url": "urn:x", "valueCodeableConcept": {"coding": [{name: change}]}}]))
    bundle = bundle_of(patient())
    for member in ("resource", "fullUrl"):
        entries = [bundle["entry"][0], bundle["entry"][1] | {member: change}]
        assert check(bundle | {"entry": entries})
    assert check(bundle | {"entry": change})


def test_all_fixtures_are_valid() -> None:
    """What the fixtures become is valid."""
    assert {name: problems for name, bundle in expected_bundles() if (problems := check(bundle))} == {}


def test_the_definitions_are_whole() -> None:
    """All 146 resources of R4 are known, and every type and value set that a definition names is there."""
    from hub.fhir.check.definitions import _structures, codings, is_structure
    from hub.fhir.check.primitives import PRIMITIVES

    names = list(_structures())
    assert sum(map(is_resource, names)) == 146
    for name in names:
        for element in elements(name):
            for kind in element.types:
                assert is_structure(kind.name) or kind.name in PRIMITIVES, (name, element)
                assert all(is_resource(target) for target in kind.targets), (name, element)
                assert not kind.value_set or (codes(kind.value_set) and codings(kind.value_set))


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", " ", "x", "2026-03-01", "#p", "\x07"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["", "url", "id", "coding"]), inner),
    max_leaves=4,
)
BUNDLES = [bundle for _, bundle in expected_bundles()]


@pytest.fixture(scope="module")
def known_shapes() -> None:
    """All shapes of the fixtures have been met: for each level of a bundle once, and once more."""
    for _ in range(8):
        assert not any(map(check, BUNDLES))


def _places(element: Any) -> list[tuple[Any, Any]]:
    """Every object and array of a bundle, with each of its members."""
    if isinstance(element, dict | list):
        keys = list(element) if isinstance(element, dict) else list(range(len(element)))
        return [(element, key) for key in keys] + [place for key in keys for place in _places(element[key])]
    return []


@pytest.mark.usefixtures("known_shapes")
@given(st.sampled_from(BUNDLES), st.data())
def test_the_quick_test_lets_nothing_pass_that_the_thorough_one_refuses(bundle: Json, data: st.DataObject) -> None:
    """Spoil a bundle in any way: where the quick test is content, the thorough one is, too."""
    spoilt = orjson.loads(orjson.dumps(bundle))
    for _ in range(data.draw(st.integers(1, 2))):
        places = _places(spoilt)
        element, key = places[data.draw(st.integers(0, len(places) - 1))]
        act = data.draw(st.sampled_from(["remove", "replace", "add", "copy"]))
        if act == "replace":
            element[key] = data.draw(ODD)
        elif act == "remove":
            del element[key]
        elif isinstance(element, dict):
            name = data.draw(st.sampled_from(["extension", "id", "_status", "valueString", "contained", "reference"]))
            element[name] = data.draw(ODD) if act == "add" else element[key]
    wrongs = bool(thorough(spoilt, Scope(_targets(spoilt))))
    assert [bool(check(spoilt)) for _ in range(3)] == [wrongs] * 3
