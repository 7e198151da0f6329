"""Which characters the bytes stand for: MSH-18 and HL7 table 0211.

Decoding happens before splitting, because in some character sets a delimiter's byte may be half of a character,
and it is strict: bytes that are not valid in the declared set make the message unreadable, and no replacement
character is ever put in their place.

An empty MSH-18 means the feed's default. With the default ``ascii`` (the standard's own), bytes above 0x7F are read
as UTF-8 when the whole message is valid UTF-8, which by chance no other text is; anything else is unreadable, as a
guess between the single-byte sets would put wrong letters into names.
"""

import codecs

from hub.errors import Unreadable

_HL7_0211 = {
    "ASCII": "ascii",
    **{f"8859/{n}": f"iso8859_{n}" for n in (*range(1, 12), *range(13, 17))},
    "ISO IR6": "ascii",
    "ISO IR14": "iso2022_jp_ext",
    "ISO IR87": "iso2022_jp_ext",
    "ISO IR159": "iso2022_jp_ext",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
    "UNICODE UTF-8": "utf_8",
    # unofficial, but sent
    "UNICODE": "utf_8",
    "UTF-8": "utf_8",
    "UTF8": "utf_8",
}

BOM = codecs.BOM_UTF8

_ASCII = bytes(range(128))


def codec_of(declared: str, default: str = "ascii") -> str:
    """The Python codec for MSH-18 ``declared`` (its repetitions separated by ``~``), or for the feed's ``default``.

    When MSH-18 repeats, the first is the default set and the others are reached by escape sequences; of those only
    the Japanese sets can be told apart from the bytes. UTF-16 and UTF-32 are unknown here: a header that could be
    read byte by byte is not written in them. Raises ``Unreadable`` with code ``103``.
    """
    labels = [label.strip().upper() for label in declared.split("~")]
    named = [_HL7_0211.get(label) for label in labels if label]
    if None in named:
        raise Unreadable("the character set is not known", code="103", path="MSH-18")
    if not named:
        return default_codec(default)
    return "iso2022_jp_ext" if "iso2022_jp_ext" in named else str(named[0])


def default_codec(default: str) -> str:
    """The Python codec for a feed's ``charset``: a name of table 0211, or one that Python knows
    and that contains ASCII (``cp1252``)."""
    known = _HL7_0211.get(default.strip().upper())
    if known:
        return known
    try:
        contains_ascii = _ASCII.decode(default) == _ASCII.decode("ascii")
    except (LookupError, ValueError):  # no codec of that name, or one that is none of texts
        contains_ascii = False
    if not contains_ascii:
        raise Unreadable("the feed's default character set is not known", code="103", path="MSH-18")
    return default


def decode(data: bytes, declared: str, default: str = "ascii") -> tuple[str, str]:
    """The text, and the codec it was read with. Raises ``Unreadable`` (code ``charset`` or ``103``)."""
    codec = codec_of(declared, default)
    if codec == "ascii" and not declared and not data.isascii():
        codec = "utf_8"
    try:
        return data.decode(codec), codec
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not valid {codec}"
        raise Unreadable(reason, code="charset", path="MSH-18") from None
