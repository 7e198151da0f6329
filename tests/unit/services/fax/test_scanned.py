from importlib.resources import files
from random import Random

from hub.services.fax.known import Known, read_referrals, read_roster
from hub.services.fax.pages import page_reader
from hub.services.fax.reading import Verdict, read_fax
from hub.simulator.faxes.line import NOISE, spoil, tiff

HAROLD = b"id,last_name,first_name,dob,sex\np7,Andrews,Harold,1955-09-14,M\n"
WAITING = b"referral_id,patient_key\nREF-2201,p7\n"


def test_a_scanned_consult_note_finds_its_patient_and_its_referral() -> None:
    """A note that went upside down through a fax machine is filed to the one patient whose referral it answers, with
    the change of treatment that it names."""
    pdf = (files("hub.demo") / "story" / "consult-note.pdf").read_bytes()
    body = tiff(spoil(pdf, 196, NOISE["light"], turned=[180], rng=Random(1)), 196)
    reader = page_reader()
    fax = read_fax("note.tif", body, Known(read_roster([HAROLD]), read_referrals([WAITING])), reader.read)
    reader.close()
    (document,) = fax.documents
    assert (document.type, document.decision) == ("consult_note", Verdict.AUTO)
    assert document.fields["patient_key"].value == "p7"
    assert document.fields["referral_id"].value == "REF-2201"
    assert document.changes == ("Furosemide 40 -> 80 mg daily",)
