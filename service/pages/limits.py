"""Time limits as they apply at a place: its own, else the nearest above it, at last those of `common`."""

from collections.abc import Iterable, Sequence

from service.pages.markdown import code
from service.pages.place import COMMON, Entry, Place, above, text

FORCE = {
    "law": "法律 LAW",
    "rule": "规定 RULE",
    "practice": "实践 PRACTICE",
    "recommendation": "建议 RECOMMENDATION",
    "precedent": "案例 PRECEDENT",
    "default": "缺省 DEFAULT [D]",
}
_SHORT = {"default": "[D]"}


def nearest(place: Place, known: Sequence[Place], section: str) -> dict[str, tuple[Entry, Place]]:
    """Each entry of a mapping of jurisdiction.yaml that applies at the place, with the place that sets it; by name."""
    first: dict[str, tuple[Entry, Place]] = {}
    for source in (place, *above(place, known)):
        for name, entry in source.named(section).items():
            first.setdefault(name, (entry, source))
    return dict(sorted(first.items()))


def period(entry: Entry) -> str:
    """How long a time limit is, in words."""
    units = {"workingDays": "个工作日", "days": "日", "months": "个月"}
    return next((f"{entry[unit]} {name}" for unit, name in units.items() if unit in entry), code(text(entry, "duration")))


def limit_at(keys: Iterable[str], place: Place, set_here: dict[str, tuple[Entry, Place]]) -> str:
    """The limits of a step: how long, by what force, and whose they are where they are not the place's own."""
    told = []
    for key in keys:
        if key not in set_here:
            told.append(f"{code(key)} 没有设定")
            continue
        entry, source = set_here[key]
        basis = text(entry, "basis")
        whose = "" if source.id == place.id else "（本系统）" if source.id == COMMON else f"（{source.name}）"
        told.append(f"{code(key)} {period(entry)} {_SHORT.get(basis, FORCE.get(basis, basis))}{whose}")
    return "；".join(told)
