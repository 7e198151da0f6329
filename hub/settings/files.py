"""The files of the configuration: what there is, and how they are read."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from hub.errors import ConfigurationError
from hub.settings.site import Practice

_PACKAGE = Path(__file__).parent.parent
_INSTALLED = (_PACKAGE / "_config").is_dir()

DEFAULT_CONFIG = _PACKAGE / "_config" if _INSTALLED else _PACKAGE.parent / "config"
"""The configuration that ships with the hub: in an installed wheel beside the code, in a checkout ``config/``."""

DEFAULT_FIXTURES = _PACKAGE / "_fixtures" if _INSTALLED else _PACKAGE.parent / "fixtures" / "messages"
"""The synthetic messages that the tests of rules name, installed and found in the same way."""

M = TypeVar("M", bound=BaseModel)


def files_of(config: Path, room: str) -> list[Path]:
    """The files of one room (``feeds``, ``rules``, ``practices``): the site's, else those that ship with the hub.

    Raises ``ConfigurationError`` for a file that would be passed over.
    """
    folder = config / room
    if not folder.is_dir():
        folder = DEFAULT_CONFIG / room
    for other in folder.glob("*.yml"):
        raise ConfigurationError(str(other), "", "is not read: the name must end in .yaml")
    return sorted(folder.glob("*.yaml"))


def load_file(file: Path, model: type[M]) -> M:
    """One file of the configuration. Raises ``ConfigurationError``."""
    return _validated(lambda: model(**read_yaml(file)), str(file))


def name_of(item: BaseModel) -> str:
    """What no two files of a room may both be called."""
    return item.id if isinstance(item, Practice) else str(getattr(item, "name", ""))


def load_each(config: Path, room: str, model: type[M]) -> list[M]:
    """All files of a room. Raises ``ConfigurationError``, also for a name that two of them have."""
    loaded: dict[str, M] = {}
    for file in files_of(config, room):
        item = load_file(file, model)
        if name_of(item) in loaded:
            key = "id" if model is Practice else "name"
            raise ConfigurationError(str(file), key, f"{name_of(item)!r} is taken by another file in {file.parent}")
        loaded[name_of(item)] = item
    return list(loaded.values())


_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast where PyYAML came with libyaml."""


class _Loader(_SAFE):  # type: ignore[misc]
    """YAML 1.2: only ``true`` and ``false`` are booleans, so that a rule's key ``on`` is a word."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.IGNORECASE), list("tTfF"))


def read_yaml(file: Path) -> dict[str, Any]:
    """What a YAML file says. Raises ``ConfigurationError``."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(file), "", f"cannot be read as UTF-8 text ({type(error).__name__})") from error
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {min(mark.line + 1, len(text.splitlines()))}" if mark else ""
        raise ConfigurationError(str(file), where, "not valid YAML") from error
    if not isinstance(content or {}, dict):
        raise ConfigurationError(str(file), "", "must be a mapping of keys to values")
    return content or {}


R = TypeVar("R")


def _validated(build: Callable[[], R], file: str) -> R:
    try:
        return build()
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(p) for p in first["loc"])
        raise ConfigurationError(file, key, first["msg"]) from error
    except TypeError as error:
        raise ConfigurationError(file, "", str(error)) from error
