"""DocumentReference → TXA and OBX (HL7 v2.9, chapters 9.6.1 and 9.5)."""

import base64

from hub.fhir.codes import Table
from hub.fhir.order_codes import DOCUMENT_AVAILABILITY
from hub.fhir.systems import V2
from hub.formats.hl7v2.build import Field, Repetition
from hub.mappers.outbound.datatypes import cwe, dtm, each, ei, identified, people, person, sent_code
from hub.mappers.outbound.header_msh import Built
from hub.mappers.outbound.resources import Resources
from hub.model import Json

_COMPLETION = Table("0271")
_STORAGE = V2 + "0275"
_STATES = {"final": "AU", "amended": "AU", "preliminary": "DO", "entered-in-error": "CA"}
_AVAILABLE = {"current": "AV", "superseded": "OB", "entered-in-error": "CA"}
_PLAIN, _FORMATTED = "text/plain", "text/hl7v2"


def documentreference_txa(document: Json, resources: Resources) -> Built:
    """TXA-2 type, -4/-5 activity, -6 origin, -7/-11 transcription, -8/-21 edits, -9 authors, -10/-22 authenticators,
    -12 number, -13 parent, -14/-15 orders, -16 file, -17 completion, -18 confidentiality, -19 availability,
    -20 storage, -23 copies, -24 folders, -25 title, -26 due, -27 keeper, -28 specialty."""
    context, history = document.get("context", {}), _history(document, resources)
    answered = {"identifier": [one["identifier"] for one in context.get("related", ()) if "identifier" in one]}
    custodian = resources.at(document.get("custodian"))
    return "TXA", {
        1: "1",
        2: cwe(document.get("type"), "0270"),
        3: _presentation(document),
        4: dtm(context.get("period", {}).get("start", "")),
        5: _who(history, "documented activity", resources),
        6: dtm(document.get("date", "")),
        7: _when(history, "transcription")[:1],
        8: _when(history, "edit"),
        9: people(document.get("author"), resources),
        10: person(document.get("authenticator"), resources),
        11: _who(history, "transcription", resources),
        12: ei(document.get("masterIdentifier", {})),
        13: each(_parents(document)[:1], ei),
        14: each(identified(answered, "PLAC"), ei),
        15: each(identified(answered, "FILL"), ei),
        16: next((one["value"] for one in document.get("identifier", ()) if "system" not in one), ""),
        17: sent_code(document, "docStatus", _COMPLETION) or _STATES.get(document.get("docStatus", ""), ""),
        18: each(document.get("securityLabel"), lambda label: cwe(label, "0272")),
        19: _AVAILABLE.get(document["status"], "") or sent_code(document, "status", DOCUMENT_AVAILABILITY),
        20: next((tag["code"] for tag in document.get("meta", {}).get("tag", ()) if tag.get("system") == _STORAGE), ""),
        21: next((why["text"] for act in history for why in act.get("reason", ()) if "text" in why), ""),
        22: _who(history, "authentication", resources),
        23: _who(history, "distribution", resources),
        24: [cwe(folder.get("code")) for folder in resources.of("List") if _holds(folder, document, resources)],
        25: document.get("description", ""),
        26: dtm(_due(document, resources)),
        27: custodian.get("name", ""),
        28: cwe(context.get("practiceSetting")),
    }


def _parents(document: Json) -> list[Json]:
    """The documents that this one adds to or replaces."""
    targets = (one["target"] for one in document.get("relatesTo", ()))
    return [target["identifier"] for target in targets if "identifier" in target]


def _history(document: Json, resources: Resources) -> list[Json]:
    """What was done to the document."""
    return [
        one for one in resources.of("Provenance") if "activity" in one and resources.at(one["target"][0]) is document
    ]


def _who(history: list[Json], activity: str, resources: Resources) -> list[Repetition]:
    """Those who did it; with the time (PPN.15) where it is an authentication."""
    found: list[Repetition] = []
    for act in history:
        if act["activity"].get("text") == activity:
            when = dtm(act.get("occurredDateTime", "")) if activity == "authentication" else ""
            persons = people([agent["who"] for agent in act["agent"]], resources)
            found += [(*one, "", when) if when and isinstance(one, tuple) else one for one in persons]
    return found


def _when(history: list[Json], activity: str) -> list[Repetition]:
    return [
        dtm(act["occurredDateTime"])
        for act in history
        if act["activity"].get("text") == activity and "occurredDateTime" in act
    ]


def _holds(folder: Json, document: Json, resources: Resources) -> bool:
    return any(resources.at(entry.get("item")) is document for entry in folder.get("entry", ()))


def _due(document: Json, resources: Resources) -> str:
    """When the document is to be complete."""
    tasks = (task for task in resources.of("Task") if resources.at(task.get("focus")) is document)
    return next((str(task["restriction"]["period"]["end"]) for task in tasks if "restriction" in task), "")


def documentreference_obx(document: Json) -> list[Built]:
    """An OBX for each content: its text by lines, or its bytes (ED), or where it lies (RP). Formatted text that stands
    beside plain text says the same and is left out."""
    attachments = [content["attachment"] for content in document.get("content", ())]
    plain = any(_is(one, _PLAIN) for one in attachments)
    code = cwe(document.get("type"), "")
    found: list[Built] = []
    for one in attachments:
        if (plain and _is(one, _FORMATTED)) or not ("data" in one or "url" in one):
            continue
        kind, value = _content(one)
        named: Field = code or ("", one.get("title", ""))
        found.append(("OBX", {1: str(len(found) + 1), 2: kind, 3: named, 5: value, 11: "F"}))
    return found


def _presentation(document: Json) -> str:
    """TXA-3 (table 0191), else what the first content is."""
    first: Json = next(iter(document.get("content", ())), {})
    if first.get("format", {}).get("system") == V2 + "0191":
        return str(first["format"]["code"])
    return "TX" if str(first.get("attachment", {}).get("contentType", "")).startswith("text/") else "AP"


def _content(attachment: Json) -> tuple[str, Field]:
    media = str(attachment.get("contentType", "application/octet-stream")).partition(";")[0]
    kind, _, subtype = media.partition("/")
    if "data" not in attachment:
        return "RP", (attachment["url"], "", kind, subtype)
    if media == _PLAIN:
        text = base64.b64decode(attachment["data"]).decode("utf-8", "replace")
        return "TX", [*text.split("\n")]
    return "ED", ("", kind, subtype, "Base64", attachment["data"])


def _is(attachment: Json, media: str) -> bool:
    return str(attachment.get("contentType", "")).startswith(media) and "data" in attachment
