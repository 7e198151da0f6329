"""Commands as a person or a program calls them: what they print, where, and with which status."""

import asyncio
import csv
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO, Any, TypeAlias

import orjson
import pytest
from typer.testing import CliRunner, Result

from hub.cli.app import app
from hub.errors import NotAllowed, NotFound
from hub.health.alarms import Alarm, AlarmKind
from hub.model import Format
from hub.ports import Arrival
from hub.services.intake.receive import Receiver
from hub.services.stages import drain
from hub.settings import load_settings
from hub.store.alarms import open_alarm
from hub.store.engine import writing
from hub.wiring import open_hub

FIXTURES = Path(__file__).parent.parent.parent.parent / "fixtures" / "messages"
ARRIVAL = FIXTURES / "adt_a04" / "ed_arrival.hl7"

Call: TypeAlias = Callable[..., Result]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls a command on an installation of its own."""
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "var"))
    return lambda *words, **options: CliRunner().invoke(app, [str(word) for word in words], **options)


def receive(*files: Path) -> None:
    """Messages that have gone through all stages."""
    with closing(open_hub(load_settings())) as opened, closing(Receiver(opened)) as receiver:

        async def accept() -> None:
            for file in files:
                await receiver.accept(Arrival("any", Format.HL7V2, file.read_bytes().replace(b"\n", b"\r"), "test"))

        asyncio.run(accept())
        drain(opened)


def printed(result: Result) -> Any:
    assert result.exit_code == 0, (result.exception, result.stderr)
    return orjson.loads(result.stdout)


# --- convert ---------------------------------------------------------------------------------------------------


def test_one_message_is_one_bundle(hub: Call) -> None:
    """A file with one message gives one Bundle."""
    assert printed(hub("convert", ARRIVAL))["resourceType"] == "Bundle"


def test_several_messages_are_an_array(hub: Call) -> None:
    """Several messages give an array of Bundles, in the order of the input."""
    bundles = printed(hub("convert", ARRIVAL, FIXTURES / "adt_a03" / "ed_discharge.hl7"))
    assert [b["entry"][0]["resource"]["eventCoding"]["code"] for b in bundles] == ["A04", "A03"]


def test_a_bundle_a_line(tmp_path: Path) -> None:
    """As ndjson each Bundle is a line, also from standard input."""
    with ARRIVAL.open("rb") as stdin:
        done = run(["convert", "-", str(ARRIVAL), "--format", "ndjson"], {"HUB_DATA": str(tmp_path)}, stdin=stdin)
    assert [orjson.loads(line)["type"] for line in done.stdout.splitlines()] == ["message", "message"]


def test_a_bad_message_does_not_stop_it(hub: Call, tmp_path: Path) -> None:
    """What cannot be converted gives a Bundle with an OperationOutcome, and what comes after it is converted."""
    (tmp_path / "1.hl7").write_bytes(b"this is no message")
    bundles = printed(hub("convert", tmp_path / "1.hl7", ARRIVAL))
    assert bundles[0]["entry"][0]["resource"]["resourceType"] == "OperationOutcome"
    assert bundles[1]["type"] == "message"


def test_the_report_goes_to_standard_error(hub: Call, tmp_path: Path) -> None:
    """With --report standard error tells which values landed nowhere, and standard output stays JSON."""
    file = tmp_path / "local.hl7"
    file.write_bytes(ARRIVAL.read_bytes() + b"ZZZ|1|a fact of the site\r")
    result = hub("convert", file, "--report")
    assert printed(result)["type"] == "message"
    assert "ZZZ-2.1" in result.stderr
    assert "ADT^A04" in result.stderr
    assert "1 messages, " in result.stderr


def test_the_report_as_json(hub: Call, tmp_path: Path) -> None:
    """With --report-file the report is a JSON document in that file, and standard error is silent."""
    result = hub("convert", ARRIVAL, "--report-file", tmp_path / "report.json")
    report = orjson.loads((tmp_path / "report.json").read_bytes())
    assert report["types"][0]["type"] == "ADT^A04"
    assert report["values"] == report["landed"] + report["missed"]
    assert result.stderr == ""


def test_an_unknown_feed_lists_those_there_are(hub: Call) -> None:
    """A feed that is not configured is refused with the names of those that are."""
    assert str(hub("convert", ARRIVAL, "--feed", "mercy").exception) == "no feed is called 'mercy'; there are: any"


# --- looking ---------------------------------------------------------------------------------------------------


def test_an_empty_hub_says_so(hub: Call) -> None:
    """Lists that are empty say that they are, and are empty arrays for programs."""
    assert hub("messages").stdout == "no messages\n"
    assert hub("notifications").stdout == "no notices\n"
    assert hub("referrals").stdout == "no referrals\n"
    assert printed(hub("ledger", "--json")) == []


def test_a_message_is_found_and_shown(hub: Call) -> None:
    """A message is found by text, and shown by control id with what was received and what it became."""
    receive(ARRIVAL)
    (row,) = printed(hub("messages", "--text", "andrews", "--json"))
    assert row["control_id"] == "A04-1"
    view = printed(hub("show", "A04-1", "--json"))
    assert view["text"].startswith("MSH|")
    assert view["bundle"]["type"] == "message"
    shown = hub("show", row["id"][:8]).stdout
    assert "PID|1||70045" in shown
    assert '"resourceType": "Bundle"' in shown


def test_a_message_is_explained(hub: Call) -> None:
    """The explanation names each rule with the values that it saw."""
    receive(ARRIVAL)
    assert "event.kind == 'ed-arrival'  with kind = 'ed-arrival'" in hub("explain", "A04-1").stdout
    assert printed(hub("explain", "A04-1", "--json"))["message"]["control_id"] == "A04-1"


def test_a_message_that_is_not_there(hub: Call) -> None:
    """An id that nothing has is an error."""
    assert isinstance(hub("show", "nothing").exception, NotFound)


def test_the_ledger_balances(hub: Call) -> None:
    """The ledger tells the equation of each feed, a duplicate included."""
    receive(ARRIVAL, ARRIVAL)
    assert hub("ledger").stdout.splitlines()[1].split() == ["any", "2", "1", "1", "0", "0", "0", "yes"]


def test_a_stream_is_told_line_by_line(hub: Call) -> None:
    """Tail prints one JSON record a line."""
    receive(ARRIVAL)
    lines = hub("tail", "fhir", "--from", "beginning", "--no-follow").stdout.splitlines()
    assert [orjson.loads(line)["headers"]["type"] for line in lines] == ["fhir.A04"]


def test_a_replay_that_changes_nothing(hub: Call) -> None:
    """A replay of unchanged messages says so and tells nobody."""
    receive(ARRIVAL)
    report = printed(hub("replay", "all", "--json"))
    assert (report["messages"], report["unchanged"], report["transitions"], report["notices"]) == (1, 1, 0, 0)
    assert "0 transitions, 0 notices" in hub("replay", "A04-1", "--dry-run").stdout


# --- the practice's side ---------------------------------------------------------------------------------------


def test_a_referral_is_worked(hub: Call) -> None:
    """A referral is listed, shown, closed with a reason and reopened."""
    receive(FIXTURES / "omg_o19" / "referral_request.hl7")
    (row,) = printed(hub("referrals", "--json"))
    number = row["number"]
    assert number in hub("referrals", "show", number).stdout
    closed = hub("referrals", "close", number, "--reason", "seen elsewhere", "--by", "coordinator")
    assert closed.stdout == f"{number} is closed-no-note\n"
    assert printed(hub("referrals", "--json")) == []
    assert printed(hub("referrals", "reopen", number, "--json"))["row"]["open"]


def test_a_notice_is_listed_and_acknowledged(hub: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The PCP whom a message names is told; the notice is acknowledged by the beginning of its id."""
    practices = tmp_path / "config" / "practices"
    practices.mkdir(parents=True)
    (practices / "busy.yaml").write_text(
        "id: busy\nname: Busy Family Medicine\nclinicians: [{npi: '1234567893', name: Dr. Busy}]\n"
    )
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "config"))
    receive(ARRIVAL)
    (notice,) = printed(hub("notifications", "--practice", "busy", "--json"))
    assert (notice["kind"], notice["state"]) == ("ed-arrival", "delivered")
    assert hub("notifications", "ack", notice["id"][:8], "--by", "nurse").stdout == f"{notice['id'][:8]} acknowledged\n"
    assert "acknowledged" in hub("notifications").stdout


def test_a_panel_is_loaded(hub: Call, tmp_path: Path) -> None:
    """Loading a panel tells how many of its patients are new; a row that cannot be used is listed."""
    (tmp_path / "panel.csv").write_text(
        "practice_id,last,first,dob,sex,pcp_npi,mrn,mrn_authority\n"
        "busy,Andrews,Harold,1955-09-14,M,1234567893,70045,MERCY\n"
        "busy,Brooks,Ellen,1960-02-02,F,12,2,MERCY\n"
    )
    result = hub("panel", "load", tmp_path / "panel.csv")
    assert "1 new" in result.stdout
    assert "invalid" in result.stdout
    assert printed(hub("panel", "load", tmp_path / "panel.csv", "--json"))["counts"]["invalid"] == 1


# --- trying out ------------------------------------------------------------------------------------------------


def test_a_simulated_day_is_the_same_again(hub: Call, tmp_path: Path) -> None:
    """The same seed writes the same files; without a folder they are printed one after another."""
    for name in ("a", "b"):
        assert hub("simulate", "--seed", "7", "--patients", "3", "--out", tmp_path / name).exit_code == 0
    first, second = ([f.read_bytes() for f in sorted((tmp_path / name).iterdir())] for name in ("a", "b"))
    assert first == second
    assert hub("simulate", "--seed", "7", "--patients", "3").stdout_bytes == b"".join(first)


def test_records_are_matched(hub: Call, tmp_path: Path) -> None:
    """Match writes one row a record, and the pairs for review."""
    (tmp_path / "in.csv").write_text(
        "record_id,first_name,last_name,dob,sex,phone\n"
        "1,Harold,Andrews,1955-09-14,M,5550107788\n"
        "2,Harold,Andrews,1955-09-14,M,5550107788\n"
        "3,Harold,Andrews,1955-09-14,M,5550109900\n"
    )
    hub("match", tmp_path / "in.csv", tmp_path / "out.csv", "--review", tmp_path / "review.csv")
    assert rows(tmp_path / "out.csv") == [["record_id", "cluster_id"], ["1", "1"], ["2", "1"], ["3", "3"]]
    assert [pair[:2] for pair in rows(tmp_path / "review.csv")] == [["record_id_a", "record_id_b"], ["1", "3"]]


def test_a_fax_is_read_as_csv(hub: Call) -> None:
    """Fax prints its fields with file, page and confidence; a scan is an error and the others are read."""
    notes = FIXTURES / "consult_note"
    result = hub("fax", notes / "consult_note_for_referral.pdf", notes / "no_text.pdf", "--format", "csv")
    table = list(csv.reader(result.stdout.splitlines()))
    assert table[0] == ["file", "page", "field", "value", "confidence"]
    assert [str(notes / "consult_note_for_referral.pdf"), "1", "referral_id", "REF-2201", "0.995"] in table
    assert result.exit_code == 1
    assert "no_text.pdf: no text could be read" in result.stderr


# --- keeping ---------------------------------------------------------------------------------------------------


def test_the_shipped_configuration_is_right(hub: Call) -> None:
    """The configuration that ships with the hub has no problems."""
    assert hub("check").stdout.endswith("all good\n")


def test_a_wrong_rule_is_named(hub: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that asks for a fact that there is not ends the check with 2 and a line with file and key."""
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "config"))
    (tmp_path / "config" / "rules").mkdir(parents=True)
    (tmp_path / "config" / "rules" / "r.yaml").write_text(
        "name: r\nwhy: x\non: [encounter.admitted]\nwhen: event.colour == 'red'\n"
        "notify: {who: pcp, wording: ed_arrival}\n"
    )
    result = hub("check")
    assert result.exit_code == 2
    assert "r.yaml: when: no fact is called 'colour'" in result.stderr


def test_plugins_are_listed_with_their_options(hub: Call) -> None:
    """Every plug-in is listed with each option and what it means."""
    told = {(p["kind"], p["name"]): p for p in printed(hub("plugins", "--json"))}
    assert {"port", "host"} <= {option["name"] for option in told["adapters", "mllp"]["options"]}
    assert ("channels", "inbox") in told
    assert "  mllp: " in hub("plugins").stdout


def test_doctor_is_for_programs_too(hub: Call) -> None:
    """Every finding has a name, a health and words."""
    assert {"name", "health", "text"} == set(printed(hub("doctor", "--json"))[0])


# --- failing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "variables", "status", "line"),
    [
        (["ledger"], {"HUB_MLLP_PORT": "99999"}, 2, "hub: environment: HUB_MLLP_PORT: "),
        (["ledger"], {"HUB_DATABASE_URL": "nonsense"}, 2, "hub: settings: HUB_DATABASE_URL: "),
        (["show", "nothing"], {}, 1, "hub: no message has the id"),
        (["send", "nofile", "--to", "2575"], {}, 1, "hub: nofile: no such file or folder"),
        (["send", str(ARRIVAL), "--to", "127.0.0.1:1"], {}, 1, "hub: "),
        (["tail", "rwa"], {}, 1, "hub: no stream is called 'rwa'"),
    ],
)
def test_a_failure_is_one_line(
    tmp_path: Path, words: list[str], variables: dict[str, str], status: int, line: str
) -> None:
    """A command that fails says why in one line; a wrong configuration ends with 2, all else with 1."""
    done = run(words, {"HUB_DATA": str(tmp_path), **variables})
    assert done.returncode == status
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("level", "hint"), [("info", "set HUB_LOG_LEVEL=debug to see where"), ("debug", "raised there")]
)
def test_a_fault_of_the_hub_itself_hides_its_text(tmp_path: Path, level: str, hint: str) -> None:
    """An error that the hub has no name for tells its type, at most where it was raised, and ends with 70."""
    program = """
from hub.services.operations import ledger
ledger.ledger = lambda _: int("Andrews")
from hub.cli import main
main()
"""
    done = run([], {"HUB_DATA": str(tmp_path), "HUB_LOG_LEVEL": level}, python=["-c", program, "ledger"])
    assert done.returncode == 70
    assert done.stderr.endswith(f"hub: unexpected ValueError; {hint}\n")
    assert "Andrews" not in done.stderr


def run(
    words: list[str], variables: dict[str, str], python: list[str] | None = None, stdin: IO[bytes] | None = None
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *(python or ["-m", "hub"]), *words]
    return subprocess.run(command, env=variables, stdin=stdin, capture_output=True, text=True, check=False)


def rows(file: Path) -> list[list[str]]:
    with file.open(newline="") as opened:
        return list(csv.reader(opened))


# --- tls -------------------------------------------------------------------------------------------------------


def test_certificates_for_trying(hub: Call, tmp_path: Path) -> None:
    """``hub tls dev`` writes an authority and the files of both sides, for nobody else to read, and overwrites none."""
    result = hub("tls", "dev", "--out", tmp_path / "tls")
    written = [tmp_path / "tls" / name for name in ("ca.pem", "hub.pem", "client.pem")]
    assert [line.split()[0] for line in result.stdout.splitlines()] == [str(file) for file in written]
    assert [oct(file.stat().st_mode & 0o777) for file in written] == ["0o600"] * 3
    again = hub("tls", "dev", "--out", tmp_path / "tls")
    assert isinstance(again.exception, NotAllowed)
    assert "ca.pem exists" in str(again.exception)


# --- feed ------------------------------------------------------------------------------------------------------

DEMO = Path(__file__).parents[3] / "hub" / "demo"


def test_a_feed_is_tried_before_it_goes_live(hub: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """``hub feed try`` shows rows as they are understood, what would be created and the sums, and stores nothing."""
    monkeypatch.setenv("HUB_CONFIG", str(DEMO / "site"))
    result = hub("feed", "try", "referrals-csv", DEMO / "story" / "referrals.csv", "--limit", 1)
    assert result.exit_code == 0
    assert "  referral_id = REF-2115\n" in result.stdout
    assert "REF-2201" not in result.stdout
    assert "2 messages: 2 would be taken, 0 held\ncreates 2 MessageHeader" in result.stdout
    assert hub("messages").stdout == "no messages\n"


def test_what_would_be_held_is_said_beforehand(hub: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that the hub would hold is told with the reason, and is the exit status; an unknown feed is named."""
    monkeypatch.setenv("HUB_CONFIG", str(DEMO / "site"))
    result = hub("feed", "try", "mercy", FIXTURES / "siu_s12" / "without_number.hl7", "--json")
    report = orjson.loads(result.stdout)
    assert (result.exit_code, report["messages"], report["held"]) == (1, 1, 1)
    assert ("SCH-2", "error") in {(remark["place"], remark["severity"]) for remark in report["remarks"]}
    assert isinstance(hub("feed", "try", "nobody", ARRIVAL).exception, NotFound)


# --- feeds and alarms ------------------------------------------------------------------------------------------


def test_feeds_are_listed(hub: Call) -> None:
    """Each feed with what came, as a table and as JSON."""
    assert "any   mllp     never" in hub("feed", "list").stdout
    (row,) = printed(hub("feed", "list", "--json"))
    assert (row["name"], row["state"], row["last_hour"], row["types"]) == ("any", "never", 0, [])


def test_alarms_are_listed_and_muted(hub: Call) -> None:
    """The exit status says whether one is open that nobody muted."""
    assert hub("alarms").stdout == "no alarm is open\n"
    with closing(open_hub(load_settings())) as opened, writing(opened.main) as transaction:
        open_alarm(transaction, Alarm(AlarmKind.SILENT, "any", "", "much", "nothing"), "2026-03-02T18:00:00.000000Z")
    listed = hub("alarms", "--json")
    assert listed.exit_code == 1
    (row,) = orjson.loads(listed.stdout)
    assert (row["text"], row["state"]) == ("feed any: nothing; expected much", "open")
    assert hub("alarms", "acknowledge", row["id"][:8], "--by", "Ana").stdout.startswith(
        f"{row['id'][:8]} is acknowledged"
    )
    assert printed(hub("alarms", "mute", row["id"], "--hours", "1", "--json"))["state"] == "muted"
    assert hub("alarms").exit_code == 0
    assert hub("alarms", "mute", "nothing").exit_code == 1
