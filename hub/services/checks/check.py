"""Is the configuration sound: files, keys and expressions, and the tests that rules and feeds carry (``hub check``)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hub import registry
from hub.errors import ConfigurationError
from hub.fhir.ids import is_npi
from hub.registry import Kind
from hub.routing.events import TYPES
from hub.routing.facts import DEFAULTS
from hub.routing.rules import compile_rule
from hub.routing.wording.catalogue import WORDINGS
from hub.services.checks import feeds as check_feeds
from hub.services.checks.feed_tests import run_tests
from hub.services.checks.rule_tests import RuleTests
from hub.services.intake.feeds import inlets
from hub.settings import (
    DEFAULT_FIXTURES,
    Feed,
    PluginUse,
    Practice,
    Rule,
    Settings,
    Site,
    files_of,
    load_file,
    load_referrals,
    name_of,
    referrals_file,
)

ROOMS: tuple[tuple[str, type[Feed | Rule | Practice]], ...] = (
    ("feeds", Feed),
    ("rules", Rule),
    ("practices", Practice),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong: the file, the key within it (or empty) and what is allowed there."""

    file: str
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.text}" if self.key else f"{self.file}: {self.text}"


@dataclass(slots=True)
class CheckReport:
    """How many files, rules and tests of rules and feeds were looked at, and every problem that was found."""

    files: int = 0
    rules: int = 0
    tests: int = 0
    problems: list[Problem] = field(default_factory=list)

    def __str__(self) -> str:
        counted = f"{self.files} files, {self.rules} rules, {self.tests} tests"
        found = f"{len(self.problems)} problem{'s' * (len(self.problems) != 1)}"
        return f"{counted}: {found if self.problems else 'all good'}"


def check(settings: Settings) -> CheckReport:
    """Looks at all configuration that these settings name and runs the tests of rules and feeds; what is wrong in a
    file is in the report. Raises ``ConfigurationError`` for a file that would be passed over."""
    report = CheckReport()
    sound = _examine(settings, report)
    rules = [(file, item) for file, item in sound if isinstance(item, Rule)]
    feeds = [(file, item) for file, item in sound if isinstance(item, Feed)]
    report.rules = len(rules)
    report.tests = sum(len(rule.tests) for _, rule in rules) + sum(len(feed.tests) for _, feed in feeds)
    wrong = {problem.file for problem in report.problems}
    report.problems += _run_tests(settings, rules)
    report.problems += _run_feed_tests(settings, [(file, feed) for file, feed in feeds if str(file) not in wrong])
    return report


def require_sound(settings: Settings) -> None:
    """Raises ``ConfigurationError`` for the first thing that is wrong in the configuration. A rule that can never be
    held against an event, or a channel that does not exist, would tell nobody in silence: with them no hub starts."""
    report = CheckReport()
    _examine(settings, report)
    for problem in report.problems:
        raise ConfigurationError(problem.file, problem.key, problem.text)


def _examine(settings: Settings, report: CheckReport) -> list[tuple[Path, Feed | Rule | Practice]]:
    """Notes every problem in the report; returns what can be read."""
    registry.load_all()
    loaded = {room: _load(settings, room, model, report) for room, model in ROOMS}
    for room, examine in _EXAMINERS.items():
        for file, item in loaded[room]:
            report.problems += examine(str(file), item)
    report.problems += _together(settings, loaded["feeds"], report.problems)
    report.problems += _referrals(settings, report)
    return [pair for pairs in loaded.values() for pair in pairs]


def message_folders(settings: Settings) -> list[Path]:
    """Where tests find their messages: the site's ``messages/``, then those that ship with the hub."""
    return [settings.config / "messages", DEFAULT_FIXTURES]


# --- files -----------------------------------------------------------------------------------------------------


def _load(settings: Settings, room: str, model: type[Any], report: CheckReport) -> list[tuple[Path, Any]]:
    loaded: dict[str, tuple[Path, Any]] = {}
    for file in files_of(settings.config, room):
        report.files += 1
        try:
            item = load_file(file, model)
        except ConfigurationError as error:
            report.problems.append(Problem(error.file, error.key, error.allowed))
            continue
        if taken := loaded.get(name_of(item)):
            key = "id" if model is Practice else "name"
            report.problems.append(Problem(str(file), key, f"{name_of(item)!r} is taken by {taken[0]}"))
        else:
            loaded[name_of(item)] = (file, item)
    return list(loaded.values())


def _referrals(settings: Settings, report: CheckReport) -> Iterator[Problem]:
    if referrals_file(settings.config).exists():
        report.files += 1
        try:
            load_referrals(settings.config)
        except ConfigurationError as error:
            yield Problem(error.file, error.key, error.allowed)


def _feed(file: str, feed: Feed) -> Iterator[Problem]:
    wrong = list(_plugin(Kind.ADAPTER, feed.adapter, file, "adapter"))
    yield from wrong
    if not wrong:
        yield from (Problem(file, key, text) for key, text in check_feeds.complaints(feed))


def _together(settings: Settings, feeds: list[tuple[Path, Any]], found: Sequence[Problem]) -> Iterator[Problem]:
    """Feeds that are sound one by one must not claim the same senders at the same place."""
    files = {f"feed {feed.name}": str(file) for file, feed in feeds}
    if not {problem.file for problem in found} & set(files.values()):
        try:
            inlets(Site(feeds=tuple(feed for _, feed in feeds), rules=(), practices=()), settings)
        except ConfigurationError as error:
            yield Problem(files.get(error.file, error.file), error.key, error.allowed)


def _practice(file: str, practice: Practice) -> Iterator[Problem]:
    for number, clinician in enumerate(practice.clinicians):
        if not is_npi(clinician.npi):
            yield Problem(
                file, f"clinicians.{number}.npi", "is no National Provider Identifier: its check digit is wrong"
            )
    for number, use in enumerate(practice.channels):
        yield from _plugin(Kind.CHANNEL, use, file, f"channels.{number}")


def _plugin(kind: Kind, use: PluginUse, file: str, key: str) -> Iterator[Problem]:
    try:
        registry.find(kind, use.kind, file=file, key=key).options(**use.options)
    except ConfigurationError as error:
        yield Problem(file, f"{key}.kind", error.allowed)
    except ValidationError as error:
        for wrong in error.errors():
            yield Problem(file, ".".join([key, *map(str, wrong["loc"])]), wrong["msg"])


def _run_feed_tests(settings: Settings, feeds: list[tuple[Path, Feed]]) -> Iterator[Problem]:
    for file, feed in feeds:
        for difference in run_tests(feed, message_folders(settings)):
            yield Problem(str(file), f"tests.{difference.number}.{difference.path}", difference.text)


# --- rules -----------------------------------------------------------------------------------------------------


def _rule(file: str, rule: Rule) -> Iterator[Problem]:
    for name in rule.on:
        if name not in TYPES:
            yield Problem(file, "on", f"no event is called {name!r}; there are: {_list(TYPES)}")
    if rule.notify.wording not in WORDINGS:
        text = f"no wording is called {rule.notify.wording!r}; there are: {_list(WORDINGS)}"
        yield Problem(file, "notify.wording", text)
    yield from _expression(file, rule)


def _expression(file: str, rule: Rule) -> Iterator[Problem]:
    """A rule must be CEL, know the facts that it asks for, and answer true or false."""
    ready = compile_rule(rule)
    if ready.error:
        yield Problem(file, "when", ready.error)
        return
    unknown = [name for name in ready.names if name not in DEFAULTS]
    for name in unknown:
        yield Problem(file, "when", f"no fact is called {name!r}; there are: {_list(DEFAULTS)}")
    if unknown:
        return
    try:
        held = ready.program.execute({"event": DEFAULTS})
    except Exception as error:  # noqa: BLE001 - whatever an expression does is what is to be reported
        yield Problem(file, "when", str(error))
        return
    if not isinstance(held, bool):
        yield Problem(file, "when", f"must be true or false, is {type(held).__name__}")


def _run_tests(settings: Settings, rules: list[tuple[Path, Rule]]) -> Iterator[Problem]:
    sound = [rule for _, rule in rules]
    tests = RuleTests(settings, sound, message_folders(settings))
    try:
        for file, rule in rules:
            for failure in tests.run(rule):
                yield Problem(str(file), f"tests.{failure.number}", failure.text)
    finally:
        tests.close()


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


_EXAMINERS: dict[str, Callable[[str, Any], Iterator[Problem]]] = {
    "feeds": _feed,
    "rules": _rule,
    "practices": _practice,
}
