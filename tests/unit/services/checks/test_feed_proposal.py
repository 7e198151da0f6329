from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from hub import registry
from hub.cli.app import app
from hub.errors import Unreadable
from hub.services.checks.feed_proposal import propose
from hub.services.checks.feed_trial import try_feed
from hub.services.checks.feeds import complaints
from hub.settings import Feed

SAMPLES = {
    "census": (
        "Chart No;Patient Name;Date of Birth;Gender;Pt Class;Nursing Unit;Room;Bed;CSN;Admit Dt;Shoe size\n"
        "0070045;Andrews, Harold;09/14/1955;Male;Inpatient;4WEST;410;B;V1;03/02/2026 17:05;44\n"
        "0070046;Baker, Rosa;01/25/1962;Female;Emergency;ED;12;A;V2;03/02/2026 18:30;38\n"
    ),
    "result": (
        "MRN,Last Name,First Name,DOB,Sex,Accession #,Test Code,Test,Result,UOM,Ref Range,Flag,Collected\n"
        "70045,Andrews,Harold,1955-09-14,M,L55,2823-3,Potassium,6.1,mmol/L,3.5-5.1,HH,2026-03-12 09:15\n"
    ),
    "appointment": (
        "Patient ID\tLast Name\tFirst Name\tDOB\tAppt ID\tAppt Time\tDuration\tAppointment Status\n"
        "B-1021\tAndrews\tHarold\t1955-09-14\tAP-1\t2026-03-17 10:00\t30\tBooked\n"
    ),
    "referral": (
        "Referral #,Status,Chart,Surname,Given,Born,To NPI,Sent\n"
        "REF-1,sent,B-1021,Andrews,Harold,14.09.1955,1111111112,10.02.2026\n"
    ),
    "panel": (
        "Practice,Chart,Last,First,DOB,Sex,PCP NPI,Zip Code\n"
        "panel-busy,B-1021,Andrews,Harold,19550914,M,1234567893,12508\n"
    ),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_proposal_reads_its_sample(kind: str, tmp_path: Path) -> None:
    """The kind is found by the headers; the proposal is right by ``hub check``, and nothing of the sample is held."""
    registry.load_all()
    sample = tmp_path / "sample.csv"
    sample.write_text(SAMPLES[kind])
    proposal = propose("new-feed", sample.read_bytes())
    feed = Feed.model_validate(yaml.safe_load(proposal.yaml()))
    assert feed.type == kind
    assert not list(complaints(feed))
    report = try_feed(feed, sample, 3)
    assert (report.held, report.messages) == (0, SAMPLES[kind].count("\n") - 1)


def test_what_a_proposal_understands() -> None:
    """Names are split, dates and codes recognised by their values, and what is not sure is said."""
    text = propose("mercy-census", SAMPLES["census"].encode()).yaml()
    feed = Feed.model_validate(yaml.safe_load(text))
    assert (feed.table.delimiter, feed.date_format) == (";", "%m/%d/%Y")
    assert (feed.columns["first"].column, feed.columns["first"].part) == ("Patient Name", 2)
    assert feed.codes["class"]["Emergency"].code == "E"
    assert feed.constants == {"mrn_authority": "MERCY-CENSUS"}
    assert '# not used: "Shoe size"' in text


def test_a_doubt_is_said() -> None:
    """Dates that can be read two ways, likenesses, and what is missing are comments for a person."""
    text = propose("x", b"MRNs,Admitt Date,DOB\n1,03/02/2026,01/02/1960\n", "adt").yaml()
    assert "# dates: all of the sample could also be %d/%m/%Y" in text
    assert "# by its likeness to 'admit_date'" in text
    assert "required, and no column was found for it: class" in text


def test_columns_by_their_values() -> None:
    """A header that says nothing is known by what stands below it."""
    sample = b"MRN,Class,Admit,Dr,Z,T\n1,I,2026-03-02,1234567893,12508,845-555-0142\n"
    columns = Feed.model_validate(yaml.safe_load(propose("x", sample, "adt").yaml())).columns
    assert [columns[name].column for name in ("pcp_npi", "zip", "phone")] == ["Dr", "Z", "T"]


def test_a_sample_of_windows() -> None:
    """A sample that is no UTF-8 is read as Windows wrote it, and says so."""
    sample = "MRN,Last,Class,Admit\n1,Müller,I,2026-03-02\n".encode("cp1252")
    assert "charset: cp1252" in propose("x", sample, "adt").yaml()


@pytest.mark.parametrize(("sample", "kind"), [(b"A,B\n1,2\n", ""), (b"\0\0\0", "adt"), (b"MRN\n1\n", "allergies")])
def test_a_sample_of_nothing(sample: bytes, kind: str) -> None:
    """What looks like no kind of rows, or is no text, is refused."""
    with pytest.raises(Unreadable):
        propose("x", sample, kind)


def test_new_writes_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``hub feed new --write`` puts the proposal into the configuration, and never over another feed."""
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path))
    sample = tmp_path / "sample.csv"
    sample.write_text(SAMPLES["census"])
    command = ["feed", "new", "mercy-census", "--from", str(sample)]
    printed = CliRunner().invoke(app, command)
    assert '\n# not used: "Shoe size"\nname: mercy-census\n' in printed.stdout
    assert CliRunner().invoke(app, [*command, "--write"]).exit_code == 0
    assert (tmp_path / "feeds" / "mercy-census.yaml").read_text() == printed.stdout
    assert CliRunner().invoke(app, [*command, "--write"]).exit_code != 0


def test_kinds_that_nobody_can_tell_apart() -> None:
    """A list of visits may be messages of visits or a census: the proposal says both, so that a person chooses."""
    proposal = propose("x", SAMPLES["census"].encode())
    assert proposal.kind.name == "census"
    assert any("could also be those of adt" in doubt for doubt in proposal.doubts)
    assert propose("x", b"MRN;Class;Event;Admit Dt\n1;I;A01;2026-03-02\n").kind.name == "adt"
    assert propose("x", SAMPLES["panel"].encode()).doubts == []
    named = propose("x", SAMPLES["census"].encode(), "census")
    assert named.kind.name == "census"
    assert not any("could also be" in doubt for doubt in named.doubts)
