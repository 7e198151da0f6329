"""Which segments belong to one order and to one specimen, by their order alone."""

import pytest

from hub.formats.hl7v2.message import parse
from hub.mappers.context import Context
from hub.mappers.groups import Order, PatientGroup, Sample, patient_groups
from tests.unit.mappers.clinical import PATIENT, feed, raw


def groups(kind: str, names: str) -> tuple[list[PatientGroup], Context]:
    """The groups of a message with segments of these names, each with its place as a value (``OBX|3``)."""
    lines = [f"MSH|^~\\&|APP|FAC|||20260312||{kind}|1|P|2.5.1"]
    lines += [PATIENT if name == "PID" else f"{name}|{place}" for place, name in enumerate(names.split(), 2)]
    message = raw("\r".join(lines).encode())
    ctx = Context(message, feed(), parsed := parse(message.body))
    return patient_groups(parsed, ctx), ctx


def told(order: Order) -> str:
    """An order in short: ``ORC OBR OBX+NTE SPM``."""
    head = [segment.name for segment in (order.orc, order.obr) if segment]
    observed = ["+".join(["OBX", *(n.name for n in o.notes)]) for o in order.observations]
    return " ".join([*head, *(n.name for n in order.notes), *observed, *(sampled(s) for s in order.samples)])


def sampled(sample: Sample) -> str:
    """A specimen in short: ``SPM(SAC,OBX)``."""
    inside = [*(c.name for c in sample.containers), *("OBX" for _ in sample.observations)]
    return f"{'SPM' if sample.spm else 'SAC'}({','.join(inside)})"


@pytest.mark.parametrize(
    ("kind", "names", "expected"),
    [
        ("ORU^R01", "PID ORC OBR NTE OBX NTE OBX SPM", ["ORC OBR NTE OBX+NTE OBX SPM()"]),
        ("ORU^R01", "PID OBR OBX OBR OBX", ["OBR OBX", "OBR OBX"]),
        ("ORU^R01", "PID ORC OBR OBX OBR OBX", ["ORC OBR OBX", "OBR OBX"]),
        ("ORU^R01", "PID OBR SPM OBX OBX", ["OBR OBX OBX SPM()"]),
        ("ORU^R01", "PID OBR OBX SPM OBX SAC", ["OBR OBX SPM(SAC,OBX)"]),
        ("ORU^R01", "PID NTE OBR OBX", ["OBR NTE OBX"]),
        ("ORR^O02", "ORC OBR ORC OBR", ["ORC OBR", "ORC OBR"]),
        ("OUL^R22", "PID SPM OBX SAC OBR ORC OBX OBR ORC OBX", ["ORC OBR OBX SPM(SAC,OBX)"] * 2),
        ("OUL^R21", "PID SAC ORC OBR OBX", ["ORC OBR OBX SAC(SAC)"]),
        ("OUL^R24", "PID OBR ORC SPM SAC OBX", ["ORC OBR OBX SPM(SAC)"]),
        ("OML^O33", "PID SPM ORC OBR SPM ORC OBR", ["ORC OBR SPM()", "ORC OBR SPM()"]),
        ("OML^O35", "PID SPM SAC ORC OBR SAC ORC OBR", ["ORC OBR SPM(SAC)", "ORC OBR SPM(SAC)"]),
    ],
)
def test_orders_and_specimens(kind: str, names: str, expected: list[str]) -> None:
    """Orders are found in messages that are about orders, about specimens and about containers."""
    found, _ = groups(kind, names)
    assert [told(order) for group in found for order in group.orders] == expected


def test_another_patient_begins_another_group() -> None:
    """A second PID ends the orders of the first patient."""
    first, second = groups("ORU^R01", "PID OBR OBX PID OBR OBX")[0]
    assert [told(order) for order in (*first.orders, *second.orders)] == ["OBR OBX", "OBR OBX"]


def test_a_drug_completes_its_order() -> None:
    """A segment of a drug belongs to the ORC before it, and begins an order where there is none."""
    found, _ = groups("VXU^V04", "PID ORC RXA RXR RXA ORC RXA")
    assert [len(order.all("RXA")) for order in found[0].orders] == [2, 1]
    found, _ = groups("VXU^V04", "PID RXA RXR RXA")
    assert [len(order.all("RXA")) for order in found[0].orders] == [1, 1]


def test_what_a_mapper_asks_for_counts_as_mapped() -> None:
    """Segments that no mapper asks an order for are left to be mapped by themselves."""
    found, ctx = groups("OMG^O19", "PID ORC TQ1 OBR CTI")
    order = found[0].orders[0]
    left = [segment for segment in order.segments if segment.line not in ctx.taken]
    assert [segment.name for segment in left] == ["TQ1", "CTI"]
    assert order.first("TQ1") is left[0]
    assert left[0].line in ctx.taken


def test_an_observation_before_any_order_is_the_patients() -> None:
    """An OBX before the first order belongs to no order and is left to be mapped by itself."""
    found, ctx = groups("ORU^R01", "PID OBX OBR OBX")
    assert [segment.name for segment in found[0].segments] == ["MSH", "PID", "OBX"]
    assert found[0].segments[-1].line not in ctx.taken
