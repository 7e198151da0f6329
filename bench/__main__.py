"""``python -m bench [NAME …]``: runs the benches of this folder, all or those named, and prints their figures."""

import importlib
import pkgutil
import sys
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

import bench
from bench.figures import Figure


def benches() -> dict[str, Callable[[], list[Figure]]]:
    """The benches: every module here that has a ``run``."""
    modules = (
        importlib.import_module(f"bench.{m.name}") for m in pkgutil.iter_modules(bench.__path__) if m.name != "__main__"
    )
    return {module.__name__.removeprefix("bench."): module.run for module in modules if hasattr(module, "run")}


def main(names: list[str]) -> int:
    known = benches()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no bench is called {', '.join(unknown)}; there are: {', '.join(sorted(known))}", file=sys.stderr)
        return 2
    for name in names or sorted(known):
        _print(name, known[name]())
    return 0


def _print(name: str, figures: list[Figure]) -> None:
    table = Table("figure", "value", "unit", "ratio", "baseline", "target", "", title=name, title_justify="left")
    for column in (1, 3):
        table.columns[column].justify = "right"
    for figure in figures:
        table.add_row(
            figure.name,
            f"{figure.value:,.4g}" if figure.value < 1000 else f"{figure.value:,.0f}",
            figure.unit,
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            f"{figure.baseline_name} {figure.baseline:,.4g}" if figure.baseline else "",
            _target(figure),
            {None: "", True: "met", False: "missed"}[figure.met],
        )
    Console(width=None if sys.stdout.isatty() else 140).print(table)


def _target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    return f"{'≤' if figure.less_is_better else '≥'} {figure.target:,.4g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
