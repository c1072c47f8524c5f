"""The language of templates: fields, conditions and loops of Jinja2, and nothing that could reach or run anything else.

A template is uploaded content. It sees JSON only: `.` and `[]` look into objects and lists and never at attributes of Python objects,
nothing can be called, filters and tests are those named here, loops and the text they make are bounded. A field that is not there (or is
null) is noted with its path wherever it is needed; all that are noted are told together.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from jinja2 import TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

MAX_TURNS = 20_000
"""Turns of all loops of one rendering."""
MAX_TEXT = 2 * 1024 * 1024
"""Characters that one part of a document may have when it is rendered."""
MAX_LOOPS = 3
"""Loops inside one another."""
MAX_DEPTH = 50
"""Conditions, loops, operators, filters and members inside one another. Python compiles at most 100 blocks and 200 parentheses so."""
NEW_PARAGRAPH = "\a"
"""How docxtpl is told to begin a new paragraph of the same style: a line of a text is one, so that indents and justification hold."""
PARAGRAPH_SIZE = 1_000
"""Characters of XML that a new paragraph may take beside its text."""
CHINA = timezone(timedelta(hours=8))
TOO_DEEP = f"more than {MAX_DEPTH} conditions, operators, filters or members stand inside one another"
INDEX = re.compile(r"\[[0-9]+\]")
LOOP_NAMES = frozenset({"index", "index0", "first", "last", "length"})
FILTERS = ("default", "join", "length", "date", "label", "refuse")
TESTS = ("defined", "undefined")
ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
    nodes.Test,
)


class TemplateFault(Exception):
    """The template asks for something that is not allowed, or makes too much of it."""


class Fields(dict[str, Any]):
    """A JSON object with its path."""

    path = ""


class Items(list[Any]):
    """A JSON array with its path."""

    path = ""


class Text(str):
    """A JSON string with its path."""

    path = ""


def wrapped(value: object, path: str = "") -> object:
    """A JSON value that knows where it stands. What XML cannot hold is replaced by U+FFFD, lines become paragraphs."""
    if isinstance(value, Mapping):
        fields = Fields({str(key): wrapped(one, f"{path}.{key}" if path else str(key)) for key, one in value.items()})
        fields.path = path
        return fields
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        items = Items(wrapped(one, f"{path}[{index}]") for index, one in enumerate(value))
        items.path = path
        return items
    if isinstance(value, str):
        lines = "".join(character if _is_xml(character) else "\ufffd" for character in value)
        text = Text(lines.replace("\r\n", "\n").replace("\r", "\n").replace("\n", NEW_PARAGRAPH))
        text.path = path
        return text
    return value


def _is_xml(character: str) -> bool:
    code = ord(character)
    return character in "\t\n\r" or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code > 0xFFFF


class Environment(ImmutableSandboxedEnvironment):
    """For one rendering. `missing` are the paths of fields that were needed and are not there, `faults` what cannot be written as text.

    `refusals` are the reasons for which the template says that there is no such document in this case.
    """

    def __init__(self, labels: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.missing: dict[str, None] = {}
        self.faults: dict[str, None] = {}
        self.refusals: dict[str, None] = {}
        self._labels = labels or {}
        self._turns = 0
        super().__init__(autoescape=True, undefined=_missing_class(self.missing), finalize=self._as_text)
        self.globals.clear()
        self.filters = {
            "default": _default,
            "join": lambda value, separator="、": separator.join(map(self._as_text, self._turns_of(value))),
            "length": lambda value: len(value) if isinstance(value, Items | Undefined) else self._no_list(value),
            "date": self._date,
            "label": self._label,
            "refuse": self._refuse,
            "turns": self._turns_of,
        }
        self.tests = {name: self.tests[name] for name in TESTS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        try:
            tree = super()._parse(source, name, filename)
        except RecursionError as error:
            raise TemplateSyntaxError(TOO_DEEP, 1) from error
        _check(tree, 0, 0)
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "turns", [], [], None, None, lineno=loop.lineno)
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A member of an object, or a fact of the loop."""
        if isinstance(obj, LoopContext):
            if attribute in LOOP_NAMES:
                return getattr(obj, attribute)
            raise TemplateFault(f"loop.{attribute} is not known; known are {', '.join(sorted(LOOP_NAMES))}")
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A member of an object or an item of a list (from 0); what is not there, or null, is a missing field."""
        if isinstance(obj, Undefined):
            return self.undefined(name=f"{obj._undefined_name}.{argument}")
        found = None
        if isinstance(obj, Fields) and isinstance(argument, str):
            found = obj.get(argument)
        elif isinstance(obj, Items) and isinstance(argument, int) and 0 <= argument < len(obj):
            found = obj[argument]
        if found is None:
            path = getattr(obj, "path", "")
            place = f"[{argument}]" if isinstance(argument, int) else f".{argument}"
            return self.undefined(name=f"{path}{place}".lstrip("."))
        return found

    def call(self, *_args: Any, **_kwargs: Any) -> Any:
        """Nothing can be called."""
        raise TemplateFault("nothing can be called in a template")

    def _as_text(self, value: Any) -> str:
        if isinstance(value, Undefined | Markup | str):
            return value if isinstance(value, str) else str(value)
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, int | Decimal):
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        if value is None:
            return ""
        self.faults[getattr(value, "path", "") or type(value).__name__] = None
        return ""

    def _turns_of(self, value: Any) -> Iterator[Any]:
        if isinstance(value, Undefined):
            list(value)
            return
        if not isinstance(value, Items):
            self._no_list(value)
            return
        for one in value:
            self._turns += 1
            if self._turns > MAX_TURNS:
                raise TemplateFault(f"the loops of the template turn more than {MAX_TURNS} times")
            yield one

    def _no_list(self, value: Any) -> int:
        self.faults[getattr(value, "path", "") or type(value).__name__] = None
        return 0

    def _date(self, value: Any) -> Any:
        """A date, or a moment as it is in China: 2026年3月1日."""
        if isinstance(value, Undefined):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
            moment = moment if moment.tzinfo is None else moment.astimezone(CHINA)
        except (ValueError, OverflowError):
            self.faults[getattr(value, "path", "") or str(value)] = None
            return ""
        return f"{moment.year}年{moment.month}月{moment.day}日"

    def _label(self, value: Any) -> Any:
        """What the form calls a code; the code itself where no form says."""
        if isinstance(value, Items):
            return "、".join(self._label(one) for one in value)
        if not isinstance(value, str):
            return value
        path = INDEX.sub("", getattr(value, "path", ""))
        return self._labels.get(path, {}).get(str(value), value)

    @pass_context  # Or Jinja would say it once and for all when it compiles the template.
    def _refuse(self, _context: Context, reason: Any) -> str:
        self.refusals[self._as_text(reason)] = None
        return ""

    @staticmethod
    def concat(parts: Iterable[str]) -> str:
        """The text of a part, within its limit."""
        held, size = [], 0
        for part in parts:
            size += len(part) + PARAGRAPH_SIZE * part.count(NEW_PARAGRAPH)
            if size > MAX_TEXT:
                raise TemplateFault(f"the document would have more than {MAX_TEXT} characters")
            held.append(part)
        return "".join(held)


def _default(value: Any, otherwise: Any = "") -> Any:
    return otherwise if isinstance(value, Undefined) else value


def _missing_class(missing: dict[str, None]) -> type[Undefined]:
    def noted(answer: Callable[[], Any]) -> Any:
        def note(self: Undefined, *_others: object) -> Any:
            missing[str(self._undefined_name)] = None
            return answer()

        return note

    members = {
        "__slots__": (),
        "__str__": noted(str),
        "__html__": noted(str),
        "__iter__": noted(lambda: iter(())),
        "__bool__": noted(bool),
        "__len__": noted(int),
        "__contains__": noted(bool),
        "__hash__": noted(int),
    }
    members |= {name: noted(bool) for name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")}
    return type("Missing", (Undefined,), members)


def _check(node: nodes.Node, loops: int, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise TemplateSyntaxError(TOO_DEEP, getattr(node, "lineno", 1))
    if not isinstance(node, ALLOWED):
        raise TemplateSyntaxError(f"{type(node).__name__} is not allowed in a template", getattr(node, "lineno", 1))
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise TemplateSyntaxError(f"there is no filter {node.name!r} here; there are {', '.join(FILTERS)}", node.lineno)
    if isinstance(node, nodes.Filter | nodes.Test):
        _check_arguments(node)
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        raise TemplateSyntaxError(f"there is no test {node.name!r} here; there are {', '.join(TESTS)}", node.lineno)
    if isinstance(node, nodes.For):
        loops += 1
        if loops > MAX_LOOPS or node.recursive or not isinstance(node.target, nodes.Name):
            raise TemplateSyntaxError(f"a loop has one name, and at most {MAX_LOOPS} stand inside one another", node.lineno)
    for child in node.iter_child_nodes():
        _check(child, loops, depth + 1)


def _check_arguments(node: nodes.Filter | nodes.Test) -> None:
    most = 1 if node.name in ("default", "join") else 0
    if len(node.args) > most or node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
        raise TemplateSyntaxError(f"{node.name} takes {'one value' if most else 'no values'} in parentheses", node.lineno)
    if node.name == "join" and any(isinstance(value, nodes.Const) and not isinstance(value.value, str) for value in node.args):
        raise TemplateSyntaxError("what join puts between the items is a text in quotes", node.lineno)
