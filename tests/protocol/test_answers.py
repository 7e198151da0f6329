"""What stands in an answer, and that a message is found by the control id that was acknowledged, and by no other."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from hub.errors import NotFound
from hub.formats.hl7v2 import parse
from hub.services.operations import browse
from hub.transport.mllp import frame
from hub.wiring import open_hub
from tests.intake import adt, opened
from tests.protocol.cases import ODD_IDS
from tests.protocol.kit import Site, exchange, running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A hub that is up for all of them."""
    with running(tmp_path_factory.mktemp("answers")) as site:
        yield site


def asked(site: Site, body: bytes) -> bytes:
    return exchange(site.port, frame(body), frames=1).frames[0]


@pytest.mark.parametrize("version", ["2.1", "2.3.1", "2.4^USA", "2.5", "2.5.1^USA^X", "2.9"])
@pytest.mark.parametrize("processing", ["P", "T", "P^T"])
def test_the_header_of_an_answer(site: Site, version: str, processing: str) -> None:
    """Sender and receiver change places as whole HDs, the event and the sender's own MSH-11 and MSH-12 come back, and
    CR stands behind every segment."""
    body = adt("M1", f3="ADT^1.2.3^ISO", f4="MERCY&x^1.2^ISO", f5="HUB^9.9^ISO", f11=processing, f12=version)
    segments = asked(site, body).decode().split("\r")
    msh = segments[0].split("|")
    assert (msh[2], msh[3], msh[4], msh[5]) == ("HUB^9.9^ISO", "CARERING", "ADT^1.2.3^ISO", "MERCY&x^1.2^ISO")
    assert (msh[8], msh[10], msh[11]) == ("ACK^A04^ACK", processing, version)
    assert segments[1:] == ["MSA|AA|M1", ""]


def test_each_answer_has_an_id_of_its_own(site: Site) -> None:
    """MSH-10 of an answer is no other answer's, not even that of a resend; it is short enough for any version."""
    frames = exchange(site.port, frame(adt("M1")) * 100, frames=100).frames
    own = {frame.split(b"|")[9] for frame in frames}
    assert len(own) == 100
    assert all(0 < len(control_id) <= 20 for control_id in own)


@pytest.mark.parametrize(
    ("version", "err"),
    [
        ("2.1", "ERR|PID^1^3^101&Required field missing&HL70357"),
        ("2.3", "ERR|PID^1^3^101&Required field missing&HL70357"),
        ("2.4", "ERR|PID^1^3^101&Required field missing&HL70357"),
        ("2.5", "ERR||PID^1^3|101^Required field missing^HL70357|E||||patient identifier missing"),
        ("2.5.1", "ERR||PID^1^3|101^Required field missing^HL70357|E||||patient identifier missing"),
        ("2.9", "ERR||PID^1^3|101^Required field missing^HL70357|E||||patient identifier missing"),
        ("", "ERR||PID^1^3|101^Required field missing^HL70357|E||||patient identifier missing"),
    ],
)
def test_a_refusal_in_the_form_of_the_version(site: Site, version: str, err: str) -> None:
    """Place and code stand where the sender's version looks for them, and nothing of the patient stands anywhere."""
    answer = asked(site, adt("M1", f12=version, pid="PID|1||||Andrews^Harold")).decode()
    assert answer.split("\r")[2] == err
    assert "Andrews" not in answer


def test_an_answer_in_other_delimiters(site: Site) -> None:
    """An answer is written in the delimiters of its message."""
    body = adt("M1", pid="PID|1||||Andrews").translate(bytes.maketrans(b"|^~\\&", b"#!@$%"))
    answer = asked(site, body)
    assert answer.startswith(b"MSH#!@$%#HUB#CARERING#ADT#MERCY#")
    assert parse(answer).first("ERR")[3].first[1] == "101"  # type: ignore[index]


@pytest.mark.parametrize("control_id", ODD_IDS)
def test_what_was_acknowledged_is_found(site: Site, control_id: str) -> None:
    """As soon as it is acknowledged a message is found by its control id as sent, whatever stands in it."""
    hub = opened(site.data)
    assert asked(site, adt(control_id, f4="FOUND")).split(b"\r")[1] == b"MSA|AA|" + control_id.encode()
    assert browse.show(hub, control_id).row.control_id == control_id
    hub.close()


@pytest.mark.parametrize("control_id", [f"no-{n}{odd}" for n, odd in enumerate(ODD_IDS) if len(odd) < 1000])
def test_what_was_refused_is_not_found(site: Site, control_id: str) -> None:
    """What was not acknowledged is not found, nor is what only begins as a message that was."""
    hub = opened(site.data)
    asked(site, adt(f"{control_id}x"))
    assert b"MSA|AR|" in asked(site, adt(control_id, f11="X"))
    for unknown in (control_id, control_id[:-1], control_id.upper()):
        with pytest.raises(NotFound):
            browse.show(hub, unknown)
    hub.close()


@pytest.mark.parametrize("control_id", ["-1", "--all", "A B", "Ü\\T\\1", "'\"$*"])
def test_hub_show_of_odd_ids(site: Site, control_id: str) -> None:
    """``hub show`` takes any control id as it was sent, one with a dash at its start included, and ends with 0; for
    one that was never acknowledged with another status."""
    asked(site, adt(control_id, f4="SHOWN"))
    environment = {**os.environ, "HUB_DATA": str(site.data), "HUB_CONFIG": str(site.data)}
    for wanted, status in ((control_id, 0), (f"{control_id}-never", 1)):
        command = [sys.executable, "-m", "hub", "show", wanted]
        done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
        assert (done.returncode != 0) == bool(status), done.stderr


def test_hub_show_of_bytes_that_are_no_utf8(site: Site) -> None:
    """A control id in another set is found by the bytes as they were sent, too."""
    asked(site, adt("X").replace(b"|X|", b"|M\xfc7|"))
    hub = open_hub(opened(site.data).settings)
    assert browse.show(hub, b"M\xfc7".decode(errors="surrogateescape")).row.control_id == "Mü7"
    hub.close()
