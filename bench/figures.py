"""What a bench finds out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, beside the ``baseline`` that it is held against and, where there is one, its ``target``.

    ``target`` is a least value, or a greatest one where ``less_is_better``.
    """

    name: str
    value: float
    unit: str
    baseline: float = 0.0
    baseline_name: str = ""
    target: float | None = None
    less_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        return self.value / self.baseline if self.baseline else None

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value <= self.target if self.less_is_better else self.value >= self.target
