"""ERR and MSA → OperationOutcome: what the answering system found wrong (HL7 v2.9, chapters 2.14.5 and 2.14.8).

It is the sender's outcome of another message, beside the hub's own of this one; ``MessageHeader.response.details``
leads to it.
"""

from hub.fhir.build import compact
from hub.fhir.codes import Table, untranslated
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept, subcomponents_concept
from hub.model import Json

_CONDITION = untranslated("0357")
_SEVERITY = Table("0516", "http://hl7.org/fhir/issue-severity")
_TYPE = Table("0357", "http://hl7.org/fhir/issue-type")
_ACCEPTED = {"AA", "CA"}
_WORDS = (6, 7, 9, 10, 11, 12)
"""ERR-6 parameters, -7 diagnostics, -9 whom to inform, -10 and -11 how to override, -12 whom to call."""


def answer_outcome(msa: Segment | None, errors: list[Segment], ctx: Context) -> Json | None:
    """Adds the OperationOutcome of an answer; none where it says no more than MSA-1 and -2."""
    own = [_of_msa(msa, ctx)] if msa and any(msa[number] for number in (3, 4, 5, 6)) else []
    issues = [*own, *(issue for err in errors for issue in _of_err(err, ctx))]
    return ctx.add({"resourceType": "OperationOutcome", "issue": issues}, ctx.raw.id, "answer") if issues else None


def _of_msa(msa: Segment, ctx: Context) -> Json:
    """MSA-3 in words, -6 coded, -4 the number that was expected, -5 how the answer was delayed."""
    condition = cwe_codeableconcept(msa[6], ctx, _CONDITION)
    known = msa[1].text.upper() in _ACCEPTED
    return compact(
        {
            "severity": "information" if known else "error",
            "code": _type(msa[6].text) or ("informational" if known else "processing"),
            "details": compact({**condition, "text": msa[3].text or condition.get("text", "")}),
            "diagnostics": "\n".join(filter(None, (msa[4].text, msa[5].text))),
        }
    )


def _of_err(err: Segment, ctx: Context) -> list[Json]:
    """An issue of an ERR as it is since 2.5, and one for each place and code of ERR-1 as it was before."""
    old = [_located(eld, ctx) for eld in err[1]]
    return [*old, _coded(err, ctx)] if len(err) > 2 else old


def _located(eld: Repetition, ctx: Context) -> Json:
    """ERR-1: segment, its number, field, and the code of the error as subcomponents."""
    condition = subcomponents_concept(eld, 4, ctx, _CONDITION)
    return compact(
        {
            "severity": "error",
            "code": _type(eld.subcomponents(4)[0] if eld[4] else "") or "processing",
            "details": condition,
            "expression": [place] if (place := _path(eld.texts(3))) else None,
        }
    )


def _coded(err: Segment, ctx: Context) -> Json:
    """ERR-2 where, -3 what, -4 how bad, -5 the application's own code, -8 in the user's words."""
    condition, own = cwe_codeableconcept(err[3], ctx, _CONDITION), cwe_codeableconcept(err[5], ctx)
    codings = [*condition.get("coding", ()), *own.get("coding", ())]
    words = (err[8].text, condition.get("text", ""), own.get("text", ""))
    return compact(
        {
            "severity": "error",
            **cwe_code("severity", err[4], _SEVERITY, ctx),
            "code": _type(err[3].text) or "processing",
            "details": compact({"coding": codings, "text": next(filter(None, words), "")}),
            "diagnostics": "\n".join(_said(one) for number in _WORDS for one in err[number]),
            "expression": each(err[2], _expression, ctx),
        }
    )


def _type(code: str) -> str:
    """The IssueType of a condition (table 0357), empty for one that is not of the table."""
    return _TYPE.codes.get(code, "")


def _expression(erl: Repetition, ctx: Context) -> str:
    return _path(erl.texts(6))


def _path(parts: list[str]) -> str:
    """The v2 path of an error location: segment, its number, field, repetition, component, subcomponent."""
    name, number, field, repetition, *inner = [*parts, "", "", ""][:6]
    segment = name + (f"[{number}]" if number else "")
    place = f"-{field}" + (f"[{repetition}]" if repetition else "") if field else ""
    return segment + place + "".join(f".{part}" for part in inner if part)


def _said(repetition: Repetition) -> str:
    """All of its components in words."""
    return " ".join(part for at in range(1, len(repetition) + 1) for part in repetition.subcomponents(at) if part)
