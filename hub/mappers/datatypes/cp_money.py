"""CP, MO and MOP (prices and amounts) → Money and Quantity (HL7 v2.9, chapters 2A.3.14, 2A.3.42 and 2A.3.43)."""

import re

from hub.fhir.build import compact
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.nm_decimal import Decimal, nm_decimal
from hub.model import Json

_CURRENCY = re.compile("[A-Z]{3}", re.ASCII)
"""ISO 4217."""
_CURRENCIES = "urn:iso:std:iso:4217"


def cp_money(price: Repetition, component: int = 1) -> Json:
    """The amount (MO.1) and its currency (MO.2) in a component of a CP, as Money; nothing for what is no number.

    Where the price is a MO itself, its currency is in component 2.
    """
    amount, currency = _amount(price, component)
    value = nm_decimal(amount) if amount else None
    return {} if value is None else money_of(value, currency)


def money_of(value: Decimal, currency: str) -> Json:
    """Money; a currency that is none of ISO 4217's form is left out."""
    return {"value": value, "currency": currency} if _CURRENCY.fullmatch(currency) else {"value": value}


def cp_quantity(price: Repetition, component: int = 1) -> Json:
    """The same as a Quantity, for elements that hold no Money."""
    money = cp_money(price, component)
    if "currency" not in money:
        return money
    currency = money["currency"]
    return {"value": money["value"], "unit": currency, "system": _CURRENCIES, "code": currency}


def _amount(price: Repetition, component: int) -> tuple[str, str]:
    parts = price.subcomponents(component)
    if len(parts) > 1:
        return parts[0], parts[1].strip().upper()
    currency = price[component + 1].strip().upper()
    return (parts[0] if parts else ""), currency if _CURRENCY.fullmatch(currency) else ""


def quantity(amount: str, unit: str = "", code: str = "") -> Json:
    """A plain number with its unit, whose code is UCUM's; nothing for what is no number."""
    value = nm_decimal(amount) if amount else None
    if value is None:
        return {}
    system = "http://unitsofmeasure.org" if code else ""
    return compact({"value": value, "unit": unit, "system": system, "code": code})
