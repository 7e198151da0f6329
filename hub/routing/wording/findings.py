"""How results and documents are told."""

from hub.model import Json
from hub.routing.instants import spoken
from hub.routing.wording.phrases import Wording, Words, at, by, corrected, labelled, out_of, text
from hub.routing.wording.stay import after, transitional_care


def result(title: str) -> Wording:
    """A report of one kind: the remarkable value in the title, all of them in the text."""

    def say(facts: Json) -> Words:
        first = facts["values"][0] if facts["abnormal"] else facts["report"]
        performer = labelled("Performed by", facts["performer"])
        return Words(f"{title}: {first}", text("; ".join(facts["values"]), _report(facts), performer))

    return say


def result_corrected(facts: Json) -> Words:
    """A report that says something else now: old and new value."""
    if facts["withdrawn"]:
        withdrawn = f"CORRECTED: {facts['report']} was withdrawn"
        return Words(withdrawn, text(withdrawn, _report(facts)))
    title = f"CORRECTED {facts['old_value']}→{facts['new_value']}: {facts['report']}"
    return Words(title, text(f"CORRECTED: {'; '.join(facts['corrections'])}", _report(facts)))


def _report(facts: Json) -> str:
    return f"Report {facts['report']}, {facts['report_status'] or 'no status'}, {spoken(facts['occurred_at'])}"


def document(facts: Json) -> Words:
    """A note: what it is, by whom, and how it begins."""
    lead = f"CORRECTED: {facts['document']} was changed" if facts["amended"] else ""
    dated = labelled("Dated", spoken(facts["dated"])) if facts["dated"] else ""
    unsure = f"Read from a scanned page (confidence {facts['confidence']:.2f})" if facts["confidence"] < 1 else ""
    said = text(lead, dated, facts["excerpt"], _changes(facts), unsure)
    return Words(f"{corrected(facts)}{facts['document'] or 'Document'}{by(facts)}", said)


def discharge_summary(facts: Json) -> Words:
    """A summary of a stay: the stay, what changed, and what is to be done by when."""
    lead = "CORRECTED: the discharge summary was changed" if facts["amended"] else ""
    stay = ""
    due: tuple[str, ...] = ()
    if facts["discharged_at"]:
        stay = f"Stay{at(facts)} until {spoken(facts['discharged_at'])}{after(facts)}"
        due = transitional_care(facts)
    said = text(lead, stay, _changes(facts), facts["excerpt"], *due)
    return Words(f"{corrected(facts)}Discharge summary{out_of(facts)}", said)


def document_retracted(facts: Json) -> Words:
    """A note that was taken back."""
    what = f"CANCELLED: {facts['document']}{by(facts)}"
    return Words(what, text(f"{what} was retracted by its sender: do not rely on it"))


def treatment_change(facts: Json) -> Words:
    """Changes of treatment, in the words of the note that names them."""
    title = f"{corrected(facts)}Treatment changed: {facts['changes'][0] if facts['changes'] else ''}"
    source = f"Named in {facts['document']}{by(facts)}"
    return Words(title, text(f"{corrected(facts)}{'; '.join(facts['changes'])}", source))


def _changes(facts: Json) -> str:
    return labelled("Changes in treatment", "; ".join(facts["changes"]))
