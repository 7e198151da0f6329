"""The picture of a referral's states, drawn from the table of transitions: Mermaid text for a page of the docs.

``python -m tools.referral_states`` writes it into the page; a test holds the page against the table.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from hub.routing.referrals.states import ACTS, SETTLED, TRANSITIONS, State, Step

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "referral-states.md"
BEGIN, END = "<!-- drawn from the table: python -m tools.referral_states -->", "<!-- end of what is drawn -->"


def drawn() -> str:
    """The picture, and the table of what is inferred."""
    lines = ["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in _arrows()), "```"]
    return "\n".join([*lines, "", *_table()])


def written(page: str) -> str:
    """The page with the picture in its place."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{drawn()}\n\n{END}{rest.split(END)[1]}"


def _arrows() -> Iterator[str]:
    yield "[*] --> requested"
    arrows: dict[tuple[State, State], list[Step]] = defaultdict(list)
    for (start, step), transition in TRANSITIONS.items():
        if not transition.inferred and step is not Step.EXPIRED and start is not State.DRAFT:
            arrows[start, transition.to].append(step)
    for state in sorted(ACTS[Step.REVIEWED]):
        arrows[state, State.CLOSED].append(Step.REVIEWED)
    for (start, to), steps in arrows.items():
        yield f"{_name(start)} --> {_name(to)} : {', '.join(dict.fromkeys(steps))}"
    for state in sorted(SETTLED):
        yield f"{_name(state)} --> [*]"


def _table() -> Iterator[str]:
    yield "| in state | is taken as said | skips a state: taken, and marked as inferred |"
    yield "|---|---|---|"
    for state in dict.fromkeys(start for start, _ in TRANSITIONS):
        by_kind = [
            ", ".join(s.value for (start, s), t in TRANSITIONS.items() if start is state and t.inferred is inferred)
            for inferred in (False, True)
        ]
        yield f"| {state.value} | {by_kind[0]} | {by_kind[1]} |"


def _name(state: State) -> str:
    return state.value.replace("-", "_")


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
