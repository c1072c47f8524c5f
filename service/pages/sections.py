"""The sections of a place's page that come from jurisdiction.yaml: what its rules are called, what of them is known, and every default."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from service.domain.json_values import Json
from service.pages.markdown import code, table
from service.pages.place import Entry, Place, above, text

FORCE = {
    "law": "法律 LAW",
    "rule": "规定 RULE",
    "practice": "实践 PRACTICE",
    "recommendation": "建议 RECOMMENDATION",
    "precedent": "案例 PRECEDENT",
    "default": "缺省 DEFAULT [D]",
}


def documents(place: Place) -> list[str]:
    """The documents of the place, and whether their text is known."""
    rows = [
        (
            text(entry, "title"),
            text(entry, "date") or "未见于来源",
            text(entry, "issuer") or "未见于来源",
            _known(entry),
            text(entry, "note"),
        )
        for entry in place.entries("documents")
    ]
    return ["## 文件 · Documents", "", *table(("文件", "日期", "制定机关", "条文", "说明"), rows)]


def _known(entry: Entry) -> str:
    return "已知" if entry.get("textKnown") is True else "未公开或未见全文"


def unknown(place: Place) -> list[str]:
    """How many items of each list the sources know: what is unknown is counted, never filled."""
    rows = [
        (text(entry, "name"), _count(entry.get("count")), text(entry, "textKnown"), _missing(entry), text(entry, "note"))
        for entry in place.entries("lists")
    ]
    return ["## 清单与未知 · Lists, and what of them is unknown", "", *table(("清单", "条数", "已知", "未知", "说明"), rows)]


def _count(count: Json) -> str:
    return "未见于来源" if count is None else str(count)


def _missing(entry: Entry) -> str:
    count, known = entry.get("count"), entry.get("textKnown")
    if isinstance(count, (int, Decimal)) and isinstance(known, (int, Decimal)):
        return f"**{count - known}**" if count > known else "0"
    return "?"


def contradictions(place: Place) -> list[str]:
    """Where the sources contradict one another, shown and not settled."""
    entries = place.entries("contradictions")
    if not entries:
        return []
    rows = [(text(entry, "about"), text(entry, "text"), text(entry, "handling")) for entry in entries]
    return ["## 来源之间的矛盾 · Contradictions", "", *table(("事项", "各来源", "本系统"), rows)]


def defaults(place: Place, known: Sequence[Place]) -> list[str]:
    """Every time limit and setting that applies here, with the place that sets it."""
    order = [place, *above(place, known)]
    lines = ["## 时限 · Time limits", ""]
    lines += table(("键", "名称", "期限", "效力", "设在", "说明"), _each(order, "deadlines", _limit))
    lines += ["## 配置 · Settings", ""]
    return lines + table(("键", "值", "效力", "来源", "设在", "说明"), _each(order, "settings", _setting))


def _each(order: Sequence[Place], key: str, row: Callable[[str, Entry, Place], tuple[str, ...]]) -> list[tuple[str, ...]]:
    first: dict[str, tuple[Entry, Place]] = {}
    for place in order:
        for name, entry in place.named(key).items():
            first.setdefault(name, (entry, place))
    return [row(name, entry, place) for name, (entry, place) in sorted(first.items())]


def _limit(key: str, entry: Entry, place: Place) -> tuple[str, ...]:
    return code(key), text(entry, "name"), _period(entry), FORCE.get(text(entry, "basis"), ""), code(place.id), text(entry, "note")


def _period(entry: Entry) -> str:
    units = {"workingDays": "个工作日", "days": "日", "months": "个月"}
    return next((f"{entry[unit]} {name}" for unit, name in units.items() if unit in entry), code(text(entry, "duration")))


def _setting(key: str, entry: Entry, place: Place) -> tuple[str, ...]:
    force = FORCE.get(text(entry, "basis"), "") + ("（标明的缺省）" if entry.get("markedDefault") is True else "")
    return code(key), code(_value(entry.get("value"))), force, text(entry, "source"), code(place.id), text(entry, "note")


def _value(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_value(item)}" for name, item in value.items()) + "}"
    return "null" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
