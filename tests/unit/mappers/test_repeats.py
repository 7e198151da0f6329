"""A repeat of every repeating field: where R4 has room for one, the further ones find another place."""

from tests.unit.mappers.clinical import all_of, at, fixture, one_of


def test_every_employer_and_payer() -> None:
    """Further organizations that pay are guarantors too; further employers stand beside the first."""
    bundle = fixture("adt_a01/every_repeat")
    names = {line["party"]["display"] for line in one_of(bundle, "Account")["guarantor"]}
    assert len([name for name in names if name.startswith("House ")]) == 2
    (about,) = [one for one in all_of(bundle, "Observation") if one["code"]["text"] == "Guarantor"]
    assert len([one for one in about["focus"] if at(bundle, one)["resourceType"] == "Organization"]) == 2


def test_every_organization_of_a_contact() -> None:
    """Patient.contact has one organization: each further one is a contact of the same kind."""
    patient = one_of(fixture("adt_a01/every_repeat"), "Patient")
    related = [one for one in patient["contact"] if "organization" in one]
    assert len(related) == 2
    assert related[0]["relationship"] == related[1]["relationship"]


def test_every_performing_organization() -> None:
    """A result that two organizations made names both."""
    bundle = fixture("oru_r01/every_repeat")
    (result,) = [one for one in all_of(bundle, "Observation") if one["code"].get("text") == "Hb"]
    kinds = [at(bundle, who)["resourceType"] for who in result["performer"]]
    assert kinds.count("Organization") == 1
    assert kinds.count("PractitionerRole") == 2


def test_every_organization_of_a_provider() -> None:
    """A provider of two organizations has a role in each."""
    bundle = fixture("ref_i12/every_repeat")
    roles = [one for one in all_of(bundle, "PractitionerRole") if "organization" in one]
    assert len({one["organization"]["reference"] for one in roles}) >= 2
    assert {at(bundle, one["practitioner"])["resourceType"] for one in roles} == {"Practitioner"}


def test_facility_that_orders_what_is_dispensed() -> None:
    """A dispense without its prescription says who ordered it, and for which facility."""
    bundle = fixture("rds_o13/every_repeat")
    (events,) = [one for one in all_of(bundle, "Provenance") if len(one["agent"]) > 3]
    ordering = [at(bundle, one["who"]) for one in events["agent"] if one["type"]["coding"][0]["code"] == "author"]
    assert any("organization" in one for one in ordering)


def test_every_repeat_of_older_versions() -> None:
    """What repeats in older versions only: a patient's other names, a second discharge, further surgeons."""
    bundle = fixture("adt_a01/repeats_of_older_fields")
    names = [name["given"][0] for name in one_of(bundle, "Patient")["name"]]
    assert names == ["Harold", "Harry", "Hal"]
    facts = [part for one in all_of(bundle, "Observation") for part in one.get("component", ())]
    assert {"code": {"text": "Discharged again"}, "valueDateTime": "2026-03-02T11:00:00-05:00"} in facts
    _, epidural = all_of(bundle, "Procedure")
    assert len(epidural["performer"]) == 4


def test_what_a_role_is_said_to_be_for() -> None:
    """Duration and reason of a role or a participation are comments of it; those of a device are its notes."""
    bundle = fixture("adt_a01/roles_with_reasons")
    locum, cover = all_of(bundle, "PractitionerRole")
    assert [one["valueAnnotation"]["text"] for one in locum["extension"]] == [
        "Duration of the role: T Temporary",
        "Reason of the role: LOC Locum",
    ]
    assert cover["extension"][0]["valueAnnotation"]["text"].endswith("CV Cover of a colleague")
    notes = [note["text"] for note in one_of(bundle, "Device")["note"]]
    assert "Duration of the participation: T Temporary" in notes


def test_everyone_who_verified_a_coverage() -> None:
    """The answer of an insurer has one requestor: further ones who verified the coverage are agents of a Provenance."""
    bundle = fixture("adt_a01/insured_in_full")
    (verified,) = [one for one in all_of(bundle, "Provenance") if one.get("activity") == {"text": "verification"}]
    assert [at(bundle, one["who"])["name"][0]["family"] for one in verified["agent"]] == ["ROSSI"]
    assert at(bundle, verified["target"][0])["resourceType"] == "CoverageEligibilityResponse"


def test_source_of_a_container() -> None:
    """What SAC-6 says of the specimen beyond its SPM is the specimen's: the site and the method."""
    specimen = next(
        one for one in all_of(fixture("oul_r22/specimen_with_two_orders"), "Specimen") if "container" in one
    )
    assert specimen["collection"]["method"]["coding"][0]["code"] == "VENIP"
