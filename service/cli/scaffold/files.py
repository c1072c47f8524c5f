"""The files of a folder, each turned into that of the new place: keys renamed, every basis marked as copied, nothing claimed."""

import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from html import escape, unescape

from service.cli.scaffold.naming import CITED, Naming

FORCES = re.compile(r'"(?:LAW|RULE|PRACTICE|RECOMMENDATION)"')
_NATIONAL = re.compile(r"(?<![A-Za-z0-9])L-[A-Z]{2,}")
_LIST = re.compile(r'\{\s*"?list"?\s*:[^{}]*\}')
_COUNTED = re.compile(r'("?(name|count|textKnown|note)"?\s*:\s*)("(?:[^"\\]|\\.)*"|[^,}\s]+)')
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
_CODE = re.compile(r"[A-Z][A-Z0-9-]*")
"""A value, not words: a step, a rule, an outcome."""
_NEWLINE = defaultdict(lambda: "\n", {'"': "&#10;"})
"""How a line ends in text, and in an attribute."""

Replaced = Callable[[re.Match[str]], str]


def list_note(naming: Naming) -> str:
    """What a list of the new place says of itself."""
    return f"照搬自{naming.source_name}，本地有无、共几项均待核实 [D]"


def diagram_of(text: str, naming: Naming, switched: Mapping[str, str]) -> str:
    """A diagram. `switched` has the keys (renamed) of decisions that take switches, with the expression that gives them."""
    text = naming.renamed(text)
    text = _names(text, naming)
    marked = _inside(naming.marked)
    text = re.sub(r"(<bpmn:documentation>)(.*?)(</bpmn:documentation>)", marked, text, flags=re.S)
    text = re.sub(r'(<camunda:property name="basis" value=")([^"]*)(")', marked, text)
    text = re.sub(r"(<bpmn:text>)(.*?)(</bpmn:text>)", marked, text, flags=re.S)
    scripts = _inside(lambda body: _marked(body, naming))
    text = re.sub(r'(<camunda:script scriptFormat="feel">)(.*?)(</camunda:script>)', scripts, text, flags=re.S)
    return re.sub(r"<bpmn:businessRuleTask\b.*?</bpmn:businessRuleTask>", lambda task: _switched(task[0], switched), text, flags=re.S)


def _switched(task: str, switched: Mapping[str, str]) -> str:
    """The task, giving its decision the switches that the shared tables have on for the source by its code alone."""
    key = re.search(r'camunda:decisionRef="([^"]+)"', task)
    if key is None or key[1] not in switched or 'name="switches"' in task:
        return task
    given = (
        '<camunda:inputParameter name="switches"><camunda:script scriptFormat="feel">'
        f"{escape(switched[key[1]])}</camunda:script></camunda:inputParameter>"
    )
    if "<camunda:inputOutput>" in task:
        return task.replace("<camunda:inputOutput>", f"<camunda:inputOutput>{given}", 1)
    wrapped = f"<camunda:inputOutput>{given}</camunda:inputOutput>"
    if "<bpmn:extensionElements>" in task:
        return task.replace("<bpmn:extensionElements>", f"<bpmn:extensionElements>{wrapped}", 1)
    return re.sub(r"(<bpmn:(?:incoming|outgoing)>)", rf"<bpmn:extensionElements>{wrapped}</bpmn:extensionElements>\1", task, count=1)


def decisions_of(text: str, naming: Naming, of_the_place: bool) -> str:
    """A decision file. Unless it only asks the shared tables (`of_the_place` is false), its rules are marked and of the force DEFAULT."""
    text = _names(naming.renamed(text), naming)
    if not of_the_place:
        return re.sub(r"(<description>)(.*?)(</description>)", _inside(naming.titled), text, flags=re.S)
    text = re.sub(r"<rule\b.*?</rule>", lambda rule: _rule(rule[0], naming), text, flags=re.S)
    text = re.sub(r"(<literalExpression\b.*?<text>)(.*?)(</text>)", _inside(lambda body: _expression(body, naming)), text, flags=re.S)
    text = re.sub(r"(<textAnnotation\b.*?<text>)(.*?)(</text>)", _inside(naming.marked), text, flags=re.S)
    return re.sub(r"(<description>)(.*?)(</description>)", _inside(naming.marked), text, flags=re.S)


def _rule(rule: str, naming: Naming) -> str:
    described = re.search(r"<description>(.*?)</description>", rule, re.S)
    words = unescape(described[1]) if described is not None else ""
    if _NATIONAL.search(words) and not CITED.search(words):
        return rule  # what the law says, it says of every place
    outputs = re.compile(r"(<outputEntry\b[^>]*>\s*<text>)(.*?)(</text>)", re.S)
    rule = outputs.sub(_inside(lambda body: _expression(FORCES.sub('"DEFAULT"', body), naming)), rule)
    if described is not None and '"DEFAULT"' in rule and "[D]" not in words and not naming.is_the_sources(words):
        rule = rule.replace("<description>", f"<description>{escape(naming.mark, quote=False)}", 1)
    return rule


def _expression(body: str, naming: Naming) -> str:
    """An expression with its texts marked; its lists are the new place's, so nobody knows yet how long they are."""
    body = re.sub(r'(\bforce\s*:\s*)"(?:LAW|RULE|PRACTICE|RECOMMENDATION)"', r'\1"DEFAULT"', body)
    pieces, done = [], 0
    for found in _LIST.finditer(body):
        pieces += [_marked(body[done : found.start()], naming), _uncounted(found[0], naming)]
        done = found.end()
    return "".join([*pieces, _marked(body[done:], naming)])


def _marked(body: str, naming: Naming) -> str:
    """The texts of an expression; in these a line ends as it is written in FEEL."""

    def marked(found: re.Match[str]) -> str:
        lines = found[1].split(r"\n")
        return found[0] if _CODE.fullmatch(found[1]) else '"' + r"\n".join(map(naming.marked_lines, lines)) + '"'

    return _LITERAL.sub(marked, body)


def _uncounted(entry: str, naming: Naming) -> str:
    values = {"count": "null", "textKnown": "0", "note": f'"{list_note(naming)}"'}
    return _COUNTED.sub(lambda member: member[1] + values.get(member[2], naming.titled(member[3])), entry)


def form_of(content: bytes, naming: Naming) -> bytes:
    """A form: its texts marked where they cite a source."""
    form = json.loads(naming.renamed(content.decode("utf-8")))
    return (json.dumps(_form(form, "", naming), ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _form(value: object, key: str, naming: Naming) -> object:
    if isinstance(value, dict):
        return {name: _form(inner, name, naming) for name, inner in value.items()}
    if isinstance(value, list):
        return [_form(inner, key, naming) for inner in value]
    shown = isinstance(value, str) and key in ("text", "description", "label", "content") and not value.startswith("=")
    return naming.marked_lines(value) if shown and isinstance(value, str) else value


def template_of(content: bytes, naming: Naming) -> bytes:
    """A Word template: the pieces of text that cite a source are marked, the rest stays as it is."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            part = old.read(item)
            if re.fullmatch(r"word/(?:document|header\d*|footer\d*|footnotes)\.xml", item.filename):
                text = naming.renamed(part.decode("utf-8"))
                part = re.sub(r"(<w:t(?: [^>]*)?>)([^<]*)(</w:t>)", _inside(naming.marked), text).encode("utf-8")
            elif item.filename == "docProps/core.xml":
                part = _properties(part.decode("utf-8"), naming).encode("utf-8")
            new.writestr(item, part)
    return made.getvalue()


def _properties(text: str, naming: Naming) -> str:
    """What a Word file says of itself: its title is the new place's, the basis it tells is marked."""
    text = re.sub(r"(<dc:title>)([^<]*)(</dc:title>)", _inside(naming.titled), naming.renamed(text))
    return re.sub(r"(<dc:(?:description|subject)>)([^<]+)(</)", _inside(naming.of_source), text)


def _names(text: str, naming: Naming) -> str:
    """The titles of what is drawn or decided: called after the new place."""
    return re.sub(r'(\bname=")([^"]*)(")', _inside(naming.titled), text)


def _inside(change: Callable[[str], str]) -> Replaced:
    """Change what stands between two pieces of markup, as text; what does not change stays as it was written."""

    def replaced(found: re.Match[str]) -> str:
        before = unescape(found[2])
        after = change(before)
        return found[0] if after == before else found[1] + escape(after, quote=found[3] == '"').replace("\n", _NEWLINE[found[3]]) + found[3]

    return replaced
