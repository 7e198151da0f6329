"""What a stage hands on."""

from dataclasses import dataclass, field

from hub.model import Record, Stream


@dataclass(frozen=True)
class Outputs:
    """The records that a batch writes, each with its stream, in order; published in the batch's own transaction."""

    records: list[tuple[Stream, Record]] = field(default_factory=list)
