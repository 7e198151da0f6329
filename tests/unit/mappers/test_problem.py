import orjson
import pytest

from hub.model import Json
from tests.unit.mappers.adt_messages import segment
from tests.unit.mappers.clinical import all_of, at, message, one_of

PROBLEM = segment("PRB", {1: "AD", 2: "20260307", 3: "I50.9^Heart failure^I10C", 4: "PB1^MERCY"})
GOAL = segment("GOL", {1: "AD", 2: "20260307", 3: "^Lose weight", 4: "G1^MERCY", 8: "20260401"})
PATHWAY = segment("PTH", {1: "AD", 2: "^Heart failure pathway", 3: "P1^MERCY", 4: "20260307", 5: "ACTIVE"})


def bundle(kind: str, *segments: str) -> Json:
    """The bundle of a message, as a reader of the stream gets it."""
    read: Json = orjson.loads(orjson.dumps(message(kind, *segments).bundle))
    return read


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({14: "ACTIVE"}, "active"),
        ({14: "R^Resolved"}, "resolved"),
        ({14: "INACTIVE"}, "inactive"),
        ({9: "20260301"}, "resolved"),
        ({}, "active"),
    ],
)
def test_status_of_a_problem(fields: dict[int, str], status: str) -> None:
    """PRB-14 by its words, else PRB-9, says whether a problem goes on."""
    prb = segment("PRB", {1: "AD", 3: "I50.9^^I10C", **fields})
    condition = one_of(bundle("PPR^PC1", prb), "Condition")
    assert condition["clinicalStatus"]["coding"][0]["code"] == status


def test_problem_that_is_deleted() -> None:
    """A problem that is deleted was entered in error and has no clinical status, even if it was told before."""
    condition = one_of(bundle("PPR^PC3", PROBLEM, PROBLEM.replace("|AD|", "|DE|")), "Condition")
    assert condition["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in condition


def test_problem_that_was_resolved_and_is_deleted() -> None:
    """A problem that is deleted has not abated (con-4): when it was resolved is kept as a fact of it."""
    resolved = PROBLEM + "|||||20260301"
    made = bundle("PPR^PC3", PROBLEM + "|||||20260228", resolved.replace("|AD|", "|DE|"))
    assert "abatementDateTime" not in one_of(made, "Condition")
    told = one_of(made, "Observation")["component"]
    assert {"code": {"text": "Actual resolution"}, "valueDateTime": "2026-03-01"} in told


def test_goal_and_pathway_of_a_problem() -> None:
    """In a message of problems, goal and pathway address the problem before them."""
    made = bundle("PPR^PC1", PROBLEM, GOAL, PATHWAY)
    problem = one_of(made, "Condition")
    assert at(made, one_of(made, "Goal")["addresses"][0]) == problem
    plan = one_of(made, "CarePlan")
    assert (plan["status"], at(made, plan["addresses"][0])) == ("active", problem)


def test_problem_of_a_goal() -> None:
    """In a message of goals, the goal addresses the problems after it."""
    made = bundle("PGL^PC6", GOAL, PROBLEM)
    assert at(made, one_of(made, "Goal")["addresses"][0])["resourceType"] == "Condition"


def test_problem_and_goal_of_a_pathway() -> None:
    """In a message of pathways, the pathway is for the problems and goals after it."""
    made = bundle("PPP^PCB", PATHWAY, PROBLEM, GOAL)
    plan = one_of(made, "CarePlan")
    assert at(made, plan["addresses"][0])["resourceType"] == "Condition"
    assert at(made, plan["goal"][0])["resourceType"] == "Goal"


def test_variance() -> None:
    """A variance implicates what stands before it, and so does the next."""
    made = bundle("PPR^PC1", PROBLEM, "VAR||20260308||1^Okafor||No bed", "VAR||20260309||||No bed yet")
    problem = one_of(made, "Condition")
    issues = all_of(made, "DetectedIssue")
    assert [issue["detail"] for issue in issues] == ["No bed", "No bed yet"]
    assert all(at(made, issue["implicated"][0]) == problem for issue in issues)
    assert problem["note"][-1]["text"] == "Variance: No bed yet"


def test_cause_of_death() -> None:
    """PDA gives the cause of death, and the autopsy as a procedure that was or was not done."""
    pda = segment("PDA", {1: "I21.4^^I10C", 6: "N", 8: "7^Stone^Abe"})
    made = bundle("ADT^A08", pda)
    assert one_of(made, "Observation")["valueCodeableConcept"]["coding"][0]["code"] == "I21.4"
    assert one_of(made, "Procedure")["status"] == "not-done"
