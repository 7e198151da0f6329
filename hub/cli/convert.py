"""``hub convert``: messages to FHIR bundles, without a running hub."""

import itertools
import sys
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.output import progress, say

if TYPE_CHECKING:
    from hub.settings import Feed


class BundleFormat(StrEnum):
    """How bundles are written."""

    JSON = "json"
    NDJSON = "ndjson"


def convert(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, or - for standard input.")],
    feed: Annotated[str, typer.Option("--feed", help="Read them as this feed's; its configuration applies.")] = "",
    form: Annotated[
        BundleFormat, typer.Option("--format", help="json: the Bundle, or an array of several; ndjson: one a line.")
    ] = BundleFormat.JSON,
    report: Annotated[bool, typer.Option("--report", help="Tell on standard error what each message became.")] = False,
) -> None:
    """Convert messages to FHIR R4: one Bundle per message, in input order.

    A folder is taken by file name. A bad message does not stop it: its Bundle holds an OperationOutcome.
    """
    from hub.services.conversion import convert_paths

    with progress("converting") as step:
        bundles = convert_paths(paths, _feed(feed), progress=lambda _: step())
        _write((_reported(name, bundle) if report else bundle for name, bundle in bundles), form)


def _feed(name: str) -> "Feed":
    from hub.cli.opening import load_settings
    from hub.errors import NotFound
    from hub.settings import load_site

    site = load_site(load_settings())
    names = [feed.name for feed in site.feeds]
    if name and name not in names:
        raise NotFound(f"no feed is called {name!r}; there are: {', '.join(names)}")
    return site.feed(name or "any")


def _write(bundles: Iterable[Any], form: BundleFormat) -> None:
    import orjson

    out = sys.stdout.buffer
    if form is BundleFormat.NDJSON:
        for bundle in bundles:
            out.write(orjson.dumps(bundle, option=orjson.OPT_APPEND_NEWLINE))
        return
    waiting = iter(bundles)
    first = list(itertools.islice(waiting, 2))
    texts = (orjson.dumps(bundle, option=orjson.OPT_INDENT_2) for bundle in itertools.chain(first, waiting))
    if len(first) == 1:
        out.write(next(texts) + b"\n")
        return
    for number, text in enumerate(texts):
        out.write((b",\n" if number else b"[\n") + text)
    out.write(b"\n]\n" if first else b"[]\n")


def _reported(name: str, bundle: Any) -> Any:
    resources = [entry["resource"] for entry in bundle["entry"]]
    kinds = Counter(resource["resourceType"] for resource in resources)
    say(f"{name}: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))
    for outcome in resources:
        if outcome["resourceType"] == "OperationOutcome":
            for issue in outcome["issue"]:
                place = " ".join(issue.get("expression", []))
                say("  " + " ".join(filter(None, (issue["severity"], place, issue.get("diagnostics", "")))))
    return bundle
