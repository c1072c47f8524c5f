"""The sections of a place's page that come from jurisdiction.yaml: what its rules are called, what of them is known, and every default."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from service.domain.json_values import Json
from service.pages.levels import TEMPLATE
from service.pages.library import Library
from service.pages.limits import FORCE, nearest, period
from service.pages.markdown import code, table
from service.pages.place import COMMON, Entry, Place, above, text

NOT_VERIFIED = "未核实"


def documents(place: Place) -> list[str]:
    """The documents of the place, and whether their text is known."""
    rows = [
        (
            text(entry, "title") + _scope(entry),
            text(entry, "date") or "未见于来源",
            text(entry, "issuer") or "未见于来源",
            *_standing(place, entry),
            " ".join(words for words in (text(entry, "note"), text(entry, "source"), text(entry, "url")) if words),
        )
        for entry in place.entries("documents")
    ]
    lines = ["## 文件 · Documents", ""]
    if not rows and place.id != COMMON:
        nothing = "不适用：作者的建议，没有文件。" if text(place.about, "level") == TEMPLATE else "没有登记本地的文件。"
        return [*lines, nothing, ""]
    return [*lines, *table(("文件", "日期", "制定机关", "条文", "现行效力", "说明"), rows)]


def _scope(entry: Entry) -> str:
    scope = text(entry, "scope")
    return f"（{scope}）" if scope and scope not in text(entry, "title") else ""


def _standing(place: Place, entry: Entry) -> tuple[str, str]:
    if text(place.about, "level") == TEMPLATE:
        return "不适用", "不适用"
    known = {"True": "已知", "partial": "部分已知"}.get(text(entry, "textKnown"), "未公开或未见全文")
    return known, text(entry, "status").removeprefix("现行效力") or NOT_VERIFIED


def _inherited(place: Place, known: Sequence[Place], library: Library) -> Iterator[tuple[Place, str]]:
    """The place and those above it, each with the words for whose entries these are. Where nothing runs nothing is inherited."""
    yield place, "本地"
    for other in above(place, known) if library.own(place) else ():
        if other.id != COMMON:
            link = f"[{other.name}]({other.id}.md)"
            yield other, f"承继自{link}" if library.inherits(place, other) else f"{link}；本地的决策表不引用"


def unknown(place: Place, known: Sequence[Place], library: Library) -> list[str]:
    """How many items of each list the sources know: what is unknown is counted, never filled."""
    rows = [
        (text(entry, "name"), _count(entry.get("count")), text(entry, "textKnown"), _missing(entry), whose, text(entry, "note"))
        for source, whose in _inherited(place, known, library)
        for entry in source.entries("lists")
    ]
    return ["## 清单与未知 · Lists, and what of them is unknown", "", *table(("清单", "条数", "已知", "未知", "属于", "说明"), rows)]


def _count(count: Json) -> str:
    return "未见于来源" if count is None else str(count)


def _missing(entry: Entry) -> str:
    count, known = entry.get("count"), entry.get("textKnown")
    if isinstance(count, (int, Decimal)) and isinstance(known, (int, Decimal)):
        return f"**{count - known}**" if count > known else "0"
    return "?"


def contradictions(place: Place, known: Sequence[Place], library: Library) -> list[str]:
    """Where the sources contradict one another, shown and not settled."""
    rows = [
        (text(entry, "about"), text(entry, "text"), text(entry, "handling"), text(entry, "source"), whose)
        for source, whose in _inherited(place, known, library)
        for entry in source.entries("contradictions")
    ]
    lines = ["## 来源之间的矛盾 · Contradictions", "", *table(("事项", "各来源", "本系统", "来源", "属于"), rows)]
    return lines if rows else []


def not_loaded(place: Place) -> list[str]:
    """What the sources tell of the place and nothing here uses."""
    entries = place.entries("notLoaded")
    if not entries:
        return []
    rows = [(text(entry, "about"), text(entry, "text"), text(entry, "source"), text(entry, "note")) for entry in entries]
    return ["## 来源所述、不作为规则的内容 · Told, not loaded as rules", "", *table(("事项", "内容", "来源", "说明"), rows)]


def defaults(place: Place, known: Sequence[Place]) -> list[str]:
    """Every time limit and setting that applies here, with the place that sets it."""
    limits = [_limit(key, *found) for key, found in nearest(place, known, "deadlines").items()]
    settings = [_setting(key, *found) for key, found in nearest(place, known, "settings").items()]
    lines = ["## 时限 · Time limits", "", *table(("键", "名称", "期限", "效力", "设在", "说明"), limits)]
    return [*lines, "## 配置 · Settings", "", *table(("键", "值", "效力", "来源", "设在", "说明"), settings)]


def _limit(key: str, entry: Entry, place: Place) -> tuple[str, ...]:
    return code(key), text(entry, "name"), period(entry), FORCE.get(text(entry, "basis"), ""), code(place.id), text(entry, "note")


def _setting(key: str, entry: Entry, place: Place) -> tuple[str, ...]:
    force = FORCE.get(text(entry, "basis"), "") + ("（标明的缺省）" if entry.get("markedDefault") is True else "")
    return code(key), code(value_of(entry.get("value"))), force, text(entry, "source"), code(place.id), text(entry, "note")


def value_of(value: Json) -> str:
    """A value of jurisdiction.yaml, written on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(value_of(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {value_of(item)}" for name, item in value.items()) + "}"
    return "null" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
