"""A BPMN file laid out anew: only its lanes, its own pool and its drawing are written, every other byte stays."""

import re
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from .drawing import Drawing
from .notes import fit_lanes, noted
from .picture import Picture
from .placing import Hints
from .reading import DATA, Read, read
from .writing import lane_id, written

HINTS = Path(__file__).parent / "hints"
BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
SHAPE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"


def hints_for(key: str) -> Hints:
    """The wishes of `hints/<key>.yaml`, or none."""
    file = HINTS / f"{key}.yaml"
    wishes: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Hints(**wishes)


def laid_out(text: str, key: str, group_names: dict[str, str]) -> str:
    """The file's text with a new drawing. `group_names` are the display names of candidate groups by id.

    Raises NotLaidOut where a file holds more or fewer than one process.
    """
    found = read(text.encode())
    hints = hints_for(key)
    if found.groups and not hints.phases:
        hints.phases = _phases(text, found, hints)
    pool = next((each for each in found.pools if each.process), None)
    if pool is None:
        text = _with_pool(text, found)
        found = read(text.encode())
        pool = found.pools[0]
    drawing = Drawing(found.process, hints, found.pools, found.messages)
    picture = drawing.drawn()
    keys = [key for key, _, _ in picture.lanes]
    laned = len([key for key in keys if key]) > 1
    names = _names(picture, hints, group_names) if laned else {}
    picture = noted(fit_lanes(picture, names), found, laned, hints)
    lanes = []
    for key in keys if laned else []:
        nodes = [n for n, node in found.process.nodes.items() if node.kind not in DATA and drawing.places.lane.get(n) == key]
        lanes.append((lane_id(key), names[key], nodes))
    if not laned:
        picture.lanes = []
    return written(text, found, pool.id, picture, lanes, found.groups)


def _names(picture: Picture, hints: Hints, group_names: dict[str, str]) -> dict[str, str]:
    """What each lane is called: its groups' names, without their brackets where the lane is too low for them."""
    names = {}
    for key, top, bottom in picture.lanes:
        groups = re.findall(r'"(\w+)"', key) if key.startswith("=") else key.split(",")
        name = hints.names.get(key) or " / ".join(group_names.get(group, group) for group in groups)
        if "leadOrgan" in key and key not in hints.names:
            name = f"主办机关（缺省：{name}）"
        names[key] = name if len(name) * 12 + 16 <= bottom - top else re.sub(r"（[^（）]*）", "", name)
    return names


def _with_pool(text: str, found: Read) -> str:
    key, close = found.process.id, " />" if text.count('" />') > text.count('"/>') else "/>"
    pool = (
        f'  <bpmn:collaboration id="Collaboration_{key}">\n'
        f'    <bpmn:participant id="Participant_{key}" name="{found.process.name}" processRef="{key}"{close}\n  </bpmn:collaboration>\n'
    )
    return text.replace("  <bpmn:process ", f"{pool}  <bpmn:process ", 1)


def _phases(text: str, found: Read, hints: Hints) -> list[tuple[str, list[str]]]:
    """Groups from left to right with what stands in them, as the file draws them now; `hints.moved` puts a step into another."""
    boxes = {}
    for shape in etree.fromstring(text.encode()).iter(SHAPE):
        bounds = shape.find(BOUNDS)
        left, width = float(bounds.get("x")), float(bounds.get("width"))
        boxes[shape.get("bpmnElement")] = (left, left + width)
    phases = []
    for group, _ in sorted(found.groups, key=lambda group: boxes[group[0]]):
        first, last = boxes[group]
        inside = [n for n, node in found.process.nodes.items() if not node.host and n in boxes and first <= sum(boxes[n]) / 2 <= last]
        phases.append(
            (
                group,
                [n for n in inside if hints.moved.get(n, group) == group]
                + [n for n, to in hints.moved.items() if to == group and n not in inside],
            )
        )
    return phases
