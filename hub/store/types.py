"""Column types that mean the same in SQLite and PostgreSQL."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import sqlalchemy
from sqlalchemy import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator, TypeEngine

LONGEST_KEY = 500
"""Characters: PostgreSQL's indexes refuse rows of more than 2,704 bytes."""

_KEPT_OF_A_LONG_KEY = 400
_NUL, _PICTURE_OF_NUL = "\0", "\N{SYMBOL FOR NULL}"


class Text(TypeDecorator[str]):
    """Text of any length. It sorts and compares by code point, whatever the locale of a PostgreSQL server, as SQLite
    does it anyway. NUL, which PostgreSQL cannot hold, becomes the picture of it."""

    impl: type[sqlalchemy.String] = sqlalchemy.Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """One function for each of the hundred texts of a message, where SQLAlchemy's own are three."""
        return _without_nul


class String(Text):
    """A short text, of any length all the same."""

    impl = sqlalchemy.String
    cache_ok = True


class Key(String):
    """A text that is in an index. A monstrous one is cut and ends in its hash: it fits, and stays itself."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        return _key


def _without_nul(text: str | None) -> str | None:
    return text.replace(_NUL, _PICTURE_OF_NUL) if text and _NUL in text else text


def _key(text: str | None) -> str | None:
    if not text or (len(text) <= LONGEST_KEY and _NUL not in text):
        return text
    text = text.replace(_NUL, _PICTURE_OF_NUL)
    return text if len(text) <= LONGEST_KEY else f"{text[:_KEPT_OF_A_LONG_KEY]}…{sha256(text.encode()).hexdigest()}"


class Offset(TypeDecorator[int]):
    """A place in a stream: 64 bits (SQLite counts its rows in an ``INTEGER``, which is as wide)."""

    impl = sqlalchemy.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return sqlalchemy.Integer() if dialect.name == "sqlite" else sqlalchemy.BigInteger()


@compiles(Text, "postgresql")
@compiles(String, "postgresql")
@compiles(Key, "postgresql")
def _by_code_point(type_: Text, compiler: Any, **_: Any) -> str:
    return f'{compiler.process(type_.impl_instance)} COLLATE "C"'
