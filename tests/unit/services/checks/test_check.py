from pathlib import Path

import pytest

from hub import registry
from hub.errors import ConfigurationError
from hub.services.checks.check import Problem, check, message_folders, require_sound
from hub.services.checks.rule_tests import RuleTests
from hub.settings import DEFAULT_CONFIG, Rule, Settings, files_of, load_file

RULES = files_of(DEFAULT_CONFIG, "rules")
GOOD = """
name: {name}
why: Because.
on: [encounter.admitted]
when: event.class == 'EMER'
notify: {{who: pcp, wording: ed_arrival}}
"""


def problems(tmp_path: Path, **files: str) -> list[Problem]:
    """What is wrong with a site that has these rules."""
    (tmp_path / "rules").mkdir()
    for name, text in files.items():
        (tmp_path / "rules" / f"{name}.yaml").write_text(text)
    return check(Settings(config=tmp_path)).problems


def test_what_ships_is_sound() -> None:
    """The configuration that ships with the hub has no problem."""
    report = check(Settings(config=DEFAULT_CONFIG))
    assert report.problems == []
    assert report.rules == len(RULES)
    assert str(report).endswith("all good")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("timers: {acknowledge: {routine: 1 d}}", "timers.acknowledge"),
        ("timers: {accept: {routine: soon}}", "timers.accept.routine"),
        ("escalate: {asap: [1 d, 2 d]}", "escalate.asap"),
    ],
)
def test_how_referrals_are_followed_is_checked(tmp_path: Path, text: str, key: str) -> None:
    """What nothing would come of in ``referrals.yaml`` is found before a hub starts with it."""
    (tmp_path / "referrals.yaml").write_text(text)
    (problem,) = check(Settings(config=tmp_path)).problems
    assert problem.file.endswith("referrals.yaml")
    assert problem.key.startswith(key)


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_a_shipped_rule_passes_its_own_tests(file: Path) -> None:
    """Each rule that ships carries tests and passes them."""
    registry.load_all()
    settings = Settings(config=DEFAULT_CONFIG)
    tests = RuleTests(settings, [load_file(f, Rule) for f in RULES], message_folders(settings))
    rule = load_file(file, Rule)
    assert rule.tests
    assert list(tests.run(rule)) == []
    tests.close()


@pytest.mark.parametrize(
    ("broken", "key", "text"),
    [
        (
            ("encounter.admitted", "encounter.nonsense"),
            "on",
            "no event is called 'encounter.nonsense'; there are: docu",
        ),
        (("ed_arrival", "nonsense"), "notify.wording", "no wording is called 'nonsense'; there are: admit_cancelled"),
        (("event.class ==", "event.klass =="), "when", "no fact is called 'klass'; there are: abnormal"),
        (("== 'EMER'", "=="), "when", "Failed to parse"),
        (("event.class == 'EMER'", "event.class"), "when", "must be true or false, is str"),
        (("event.class == 'EMER'", "event.critical > 'x'"), "when", "No such overload"),
        (("who: pcp", "who: nobody"), "notify.who.0", "Input should be 'pcp'"),
        (("why: Because.", ""), "why", "Field required"),
    ],
)
def test_a_broken_rule_is_named_with_file_key_and_what_is_allowed(
    tmp_path: Path, broken: tuple[str, str], key: str, text: str
) -> None:
    """Whatever is wrong in a rule is one problem with its file, its key and what is allowed."""
    (problem,) = problems(tmp_path, rule=GOOD.format(name="rule").replace(*broken))
    assert (Path(problem.file).name, problem.key) == ("rule.yaml", key)
    assert problem.text.startswith(text)


def test_all_problems_are_found_at_once(tmp_path: Path) -> None:
    """A file that cannot be read does not hide what is wrong in the next one."""
    bad = GOOD.format(name="two").replace("ed_arrival", "nonsense")
    found = problems(tmp_path, one="name: [", two=bad, three=GOOD.format(name="three"))
    assert [(Path(p.file).stem, p.key) for p in found] == [("one", "line 1"), ("two", "notify.wording")]


def test_two_rules_of_one_name_are_a_problem(tmp_path: Path) -> None:
    """A name that another file has taken is a problem of the second file, which names the first."""
    (problem,) = problems(tmp_path, one=GOOD.format(name="same"), two=GOOD.format(name="same"))
    assert (Path(problem.file).stem, problem.key) == ("two", "name")
    assert problem.text.endswith("one.yaml")


def test_a_rule_that_fails_its_test_says_what_it_did(tmp_path: Path) -> None:
    """A test that comes out otherwise names what it expected and whom the rule notifies."""
    tests = "tests: [{given: adt_a04/ed_arrival.hl7, notifies: []}]"
    (problem,) = problems(tmp_path, rule=GOOD.format(name="rule") + tests)
    assert (problem.key, problem.text) == ("tests.0", "must notify nobody, but notifies pcp")


def test_a_test_may_use_messages_of_the_site(tmp_path: Path) -> None:
    """Messages of tests are looked for in the site's own folder first; a missing one is a problem."""
    (tmp_path / "messages").mkdir()
    arrival = (message_folders(Settings())[1] / "adt_a04" / "ed_arrival.hl7").read_bytes()
    (tmp_path / "messages" / "ours.hl7").write_bytes(arrival)
    tests = "tests: [{given: ours.hl7, notifies: [pcp]}, {given: missing.hl7, notifies: []}]"
    (problem,) = problems(tmp_path, rule=GOOD.format(name="rule") + tests)
    assert problem.key == "tests.1"
    assert "missing.hl7: no such message" in problem.text


def test_plugins_and_their_options_are_checked(tmp_path: Path) -> None:
    """A channel that does not exist and an option that a channel does not have are problems of the practice."""
    (tmp_path / "practices").mkdir()
    channels = "channels: [{kind: pigeon}, {kind: inbox, colour: grey}]"
    (tmp_path / "practices" / "busy.yaml").write_text(f"id: busy\nname: Busy\n{channels}\n")
    kind, option = problems(tmp_path)
    assert (kind.key, option.key) == ("channels.0.kind", "channels.1.colour")
    assert "there are: " in kind.text


def test_feeds_that_claim_the_same_sender_are_found_before_they_run(tmp_path: Path) -> None:
    """Two feeds that take the same sender on one port are a problem of the second one's file."""
    (tmp_path / "feeds").mkdir()
    for name in ("east", "west"):
        text = f'name: {name}\nadapter: {{kind: mllp}}\nsenders: ["ADT|MERCY"]\n'
        (tmp_path / "feeds" / f"{name}.yaml").write_text(text)
    (problem,) = check(Settings(config=tmp_path)).problems
    assert problem.file.endswith("west.yaml")
    assert (problem.key, problem.text) == ("senders", "feed east takes ADT|MERCY at the same place")


CSV = "format: csv\ntype: referral\n"


@pytest.mark.parametrize(
    ("feed", "key", "text"),
    [
        ("adapter: {kind: mllp}\n" + CSV, "format", "the mllp adapter takes in hl7v2 only"),
        ("adapter: {kind: mllp}\ncharset: klingon\n", "charset", "'klingon' is no known character set"),
        ("adapter: {kind: mllp}\nnamespaces: {MERCY: mercy}\n", "namespaces.MERCY", "'mercy' must be a URI"),
        ("adapter: {kind: mllp}\nsequence: true\n", "sequence", "needs senders by name"),
        ("adapter: {kind: mllp}\nsenders: ['ADT|*']\nsequence: true\n", "sequence", "needs senders by name"),
        ("adapter: {kind: folder, path: in}\nformat: csv\n", "type", "must be the kind of rows: adt, census"),
        ("adapter: {kind: folder, path: in}\noptional: [sex]\n" + CSV, "optional", "'sex' is not among the columns"),
        ("adapter: {kind: folder, path: in}\nconstants: {colour: red}\n" + CSV, "constants.colour", "no such field"),
        ("adapter: {kind: folder, path: in}\ndate_format: '%d.%m'\n" + CSV, "date_format", "must have %Y, %m and %d"),
        (
            "adapter: {kind: folder, path: in}\n" + CSV + "columns: {referral_id: A, status: B, last: C, first: D}",
            "columns",
            "dob is required",
        ),
    ],
)
def test_what_a_feed_says_must_have_a_meaning(tmp_path: Path, feed: str, key: str, text: str) -> None:
    """A format, a word or a column that no adapter, reader or mapper knows is a problem of the feed's file."""
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "one.yaml").write_text(f"name: one\n{feed}")
    (problem,) = check(Settings(config=tmp_path)).problems
    assert (Path(problem.file).name, problem.key) == ("one.yaml", key)
    assert problem.text.startswith(text)


def test_a_clinicians_number_must_be_one(tmp_path: Path) -> None:
    """Ten digits whose check digit is wrong are nobody's: a notice for that clinician would find no practice."""
    (tmp_path / "practices").mkdir()
    clinicians = "clinicians: [{npi: '1234567890', name: Dr. Busy}]"
    (tmp_path / "practices" / "busy.yaml").write_text(f"id: busy\nname: Busy\n{clinicians}\n")
    (problem,) = problems(tmp_path)
    assert problem.key == "clinicians.0.npi"


def test_a_hub_does_not_start_with_a_rule_that_can_never_tell(tmp_path: Path) -> None:
    """The first problem ends the start; tests of rules are not run for it."""
    failing = "tests: [{given: adt_a04/ed_arrival.hl7, notifies: []}]"
    assert problems(tmp_path, rule=GOOD.format(name="rule") + failing)
    require_sound(Settings(config=tmp_path))
    (tmp_path / "rules" / "rule.yaml").write_text(GOOD.format(name="rule").replace("event.class", "event.klass"))
    with pytest.raises(ConfigurationError, match=r"rule\.yaml: when: no fact is called 'klass'; there are: "):
        require_sound(Settings(config=tmp_path))
