"""What may stand in any order beside ORC and OBR: contacts (CTD), studies (CTI), billing (BLG), imaging (IPC)."""

from hub.fhir.build import complete
from hub.fhir.systems import EXTENSION
from hub.mappers.context import Context
from hub.mappers.groups import Order
from hub.mappers.segments.blg_chargeitem import order_charge
from hub.mappers.segments.ctd_practitionerrole import ctd_practitionerrole
from hub.mappers.segments.cti_researchstudy import RELEVANT, cti_researchstudy
from hub.mappers.segments.ipc_servicerequest import ipc_servicerequest
from hub.model import Json

_SUPPORTING = EXTENSION + "workflow-supportingInfo"
_MAPPED = frozenset(("CTD", "CTI", "BLG", "IPC"))


def order_rest(order: Order, resource: Json, ctx: Context) -> None:
    """Maps these segments of an order onto what became of it: its ServiceRequest, or the report that answers it."""
    if order.obr is not None and order.obr[23] and ctx.subject is not None:
        order_charge(order.obr, order.first("BLG"), resource, ctx)
    elif ctx.subject is not None and (blg := order.first("BLG")):
        order_charge(None, blg, resource, ctx)
    if not any(segment.name in _MAPPED for segment in order.segments):
        return
    for ctd in order.all("CTD"):
        if contact := ctd_practitionerrole(ctd, ctx):
            _support(resource, ctx.reference(contact))
    for cti in order.all("CTI"):
        if study := cti_researchstudy(cti, ctx):
            complete(resource, {"extension": [{"url": RELEVANT, "valueReference": ctx.reference(study)}]})
    if resource["resourceType"] == "ServiceRequest":
        for ipc in order.all("IPC"):
            ipc_servicerequest(ipc, resource, ctx)


def _support(resource: Json, reference: Json) -> None:
    if resource["resourceType"] == "ServiceRequest":
        complete(resource, {"supportingInfo": [reference]})
    else:
        complete(resource, {"extension": [{"url": _SUPPORTING, "valueReference": reference}]})
