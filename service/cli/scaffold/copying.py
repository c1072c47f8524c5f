"""The files of a new place, made of those of the source one by one."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

from service.actions.deployments.load_builtin import deployable
from service.actions.yaml_values import YamlFault, read_yaml
from service.cli.client import CommandError
from service.cli.scaffold.examples import Copied, examples_of
from service.cli.scaffold.files import decisions_of, diagram_of, form_of, template_of
from service.cli.scaffold.models import Models
from service.cli.scaffold.naming import Naming
from service.cli.scaffold.place_file import SWITCHES, PlaceFile
from service.cli.scaffold.texts import CASES_HEAD, PAGE, PLACE_HEAD
from service.cli.scaffold.tree import ABOUT, KINDS, REGISTER, registered
from service.cli.scaffold.written import written
from service.domain.json_values import Json

HINTS = Path("tools/layout/hints")


def copied(root: Path, naming: Naming, about: PlaceFile) -> dict[Path, bytes]:
    """Every file of the new place by its path below the root, and the register of codes where the place's is added to it."""
    files = _decisions(root, naming)
    register = None if naming.new_code is None else registered(root, naming.new_code)
    if register is not None:
        files[REGISTER] = register
    models = Models({path.relative_to(root): path.read_bytes() for path in sorted((root / "dmn").rglob("*.dmn"))} | files)
    thin = files.get(Path("dmn", naming.new, f"{naming.new}_common.dmn"), b"").decode("utf-8")
    rules, switches = _shared_rules(models, naming)
    switched = dict.fromkeys(_taking_switches(thin) if switches else [], f'setting("{SWITCHES}")')
    files |= _of_procedures(root, naming, switched)
    evaluate = partial(models.evaluate, [path for path in files if path.parts[:2] == ("dmn", naming.new)])
    files |= _cases(root, Copied(naming, evaluate, *_answers(root, naming, thin), rules))
    files |= _pages(root, naming) | _hints(root, naming)
    used = any(b"setting(&quot;switches" in content for content in files.values())
    files[Path("bpmn", naming.new, ABOUT)] = _about(naming, about, switches if used else {})
    return files


def _deployed(root: Path, kind: str, place: str) -> list[Path]:
    """What a deployment takes of the folder. Published cases stay with the place that published them."""
    folder = root / kind / place
    return sorted(path for path in deployable(folder) if not path.name.startswith("precedents.")) if folder.is_dir() else []


def _target(root: Path, naming: Naming, path: Path) -> Path:
    kind, _place, *below = path.relative_to(root).parts
    return Path(kind, naming.new, *below[:-1], naming.renamed(below[-1]))


def _decisions(root: Path, naming: Naming) -> dict[Path, bytes]:
    """The decision files; the one that only asks the shared tables has no rules of the source."""
    made = {}
    for path in _deployed(root, "dmn", naming.source):
        if path.suffix == ".dmn":
            thin = path.name == f"{naming.source}_common.dmn"
            made[_target(root, naming, path)] = decisions_of(path.read_text("utf-8"), naming, not thin).encode("utf-8")
    return made


def _of_procedures(root: Path, naming: Naming, switched: Mapping[str, str]) -> dict[Path, bytes]:
    """Diagrams, forms and Word templates."""
    made = {}
    for path in _deployed(root, "bpmn", naming.source):
        target = _target(root, naming, path)
        if path.suffix == ".bpmn":
            made[target] = diagram_of(path.read_text("utf-8"), naming, switched).encode("utf-8")
        elif path.suffix == ".form":
            made[target] = form_of(path.read_bytes(), naming)
        elif path.suffix == ".docx":
            made[target] = template_of(path.read_bytes(), naming)
    return made


def _cases(root: Path, copied: Copied) -> dict[Path, bytes]:
    naming, made = copied.naming, {}
    for path in [path for kind in KINDS for path in _deployed(root, kind, naming.source) if path.name.endswith(".cases.yaml")]:
        try:
            document = read_yaml(naming.renamed(path.read_text("utf-8")).encode("utf-8"))
        except YamlFault as fault:
            raise CommandError(f"{path}: {fault.message}") from None
        examples = examples_of(cast("Mapping[str, Json]", document), copied)
        made[_target(root, naming, path)] = written(examples, CASES_HEAD.format(naming=naming))
    return made


def _pages(root: Path, naming: Naming) -> dict[Path, bytes]:
    """Beside each diagram and decision file a page that leads to the source's, in place of a copy of that."""
    made = {}
    for page in [path for kind in KINDS for path in sorted((root / kind / naming.source).glob("*.md"))]:
        kind = page.relative_to(root).parts[0]
        target = _target(root, naming, page)
        of = target.with_suffix(f".{kind}").name
        made[target] = PAGE.format(naming=naming, kind=kind, page=page.name, of=of).encode("utf-8")
    return made


def _hints(root: Path, naming: Naming) -> dict[Path, bytes]:
    """How the diagrams are laid out, for the next time somebody does."""
    drawn = {path.stem for path in (root / "bpmn" / naming.source).glob("*.bpmn")}
    hints = [path for path in sorted((root / HINTS).glob("*.yaml")) if path.stem in drawn]
    return {HINTS / naming.renamed(path.name): naming.renamed(path.read_text("utf-8")).encode("utf-8") for path in hints}


def _about(naming: Naming, about: PlaceFile, switches: Mapping[str, Json]) -> bytes:
    renamed = read_yaml(naming.renamed(written(about.about, "").decode("utf-8")).encode("utf-8"))
    document = replace(about, about=cast("Mapping[str, Json]", renamed)).document(naming, switches)
    return written(document, PLACE_HEAD.format(naming=naming))


def _shared_rules(models: Models, naming: Naming) -> tuple[bool, dict[str, Json]]:
    """Whether the shared tables apply the same rules to both places, and the switches they have on for the source alone."""
    if naming.source_code is None or naming.new_code is None:
        return True, {}
    rules, on = models.shared_rules(naming.source_code)
    rules_here, on_here = models.shared_rules(naming.new_code)
    return rules == rules_here, {name: True for name in on if name not in on_here}


def _taking_switches(thin: str) -> list[str]:
    """The decisions that take switches."""
    found = re.findall(r'<decision id="([^"]+)"(.*?)</decision>', thin, re.S)
    return [key for key, body in found if 'requiredInput href="#switches"' in body]


def _answers(root: Path, naming: Naming, thin: str) -> tuple[set[str], set[str]]:
    """The variables of diagrams that hold what a decision of the place answered; those of them that a shared table answered."""
    subjects = {key.removeprefix(f"{naming.new}_") for key in re.findall(r'<decision id="([^"]+)"', thin)}
    own = re.compile(rf"(?:\{{jurisdiction\}}|{re.escape(naming.source)})_(\w+)")
    found: tuple[set[str], set[str]] = set(), set()
    for path in sorted((root / "bpmn").glob("*/*.bpmn")):
        for task in re.findall(r"<bpmn:businessRuleTask\b[^>]*>", path.read_text("utf-8")):
            asked, variable = re.search(r'decisionRef="([^"]+)"', task), re.search(r'resultVariable="([^"]+)"', task)
            decision = own.fullmatch(asked[1]) if asked is not None else None
            if decision is not None and variable is not None:
                found[0].add(variable[1])
                if decision[1] in subjects:
                    found[1].add(variable[1])
    return found
