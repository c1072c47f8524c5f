"""The decision files of a tree and of a folder not yet written, read together by the namespaces they import."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from service.cli.client import CommandError
from service.dmn import DmnError, Model, read_header, read_model
from service.domain.json_values import Json

Files = Mapping[Path, bytes]
_ASKED = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="asked" name="asked" namespace="urn:rongjiu:asked">
  <import name="places" namespace="{namespace}" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
  <decision id="asked" name="asked"><variable name="asked"/>
    <knowledgeRequirement><requiredKnowledge href="{namespace}#switches_on"/></knowledgeRequirement>
    <knowledgeRequirement><requiredKnowledge href="{namespace}#rule_set"/></knowledgeRequirement>
    <literalExpression><text>{{switches: places.switches_on("{code}", null), rules: places.rule_set("{code}")}}</text></literalExpression>
  </decision></definitions>"""
PLACES = "https://rongjiu/dmn/common/places"


class Models:
    """Each file is read once, when it is first asked for."""

    def __init__(self, files: Files) -> None:
        self._sources = {header.namespace: (path, content) for path, content in files.items() if (header := read_header(content))}
        self._read: dict[str, Model] = {}

    def __contains__(self, namespace: str) -> bool:
        return namespace in self._sources

    def of(self, namespace: str) -> Model:
        """The model of the namespace. CommandError when it cannot be read, or imports what is nowhere."""
        if namespace not in self._read:
            path, content = self._sources[namespace]
            header = read_header(content)
            self._read[namespace] = self._model(content, path, header.imports if header is not None else ())
        return self._read[namespace]

    def _model(self, content: bytes, path: Path, imports: Iterable[str]) -> Model:
        missing = [name for name in imports if name not in self._sources]
        if missing:
            raise CommandError(f"{path}: imports {missing[0]}, which no file of dmn/ has")
        try:
            return read_model(content, path.name, imports=[self.of(name) for name in imports])
        except DmnError as error:
            raise CommandError(f"{path}: {error}") from None

    def needed_by(self, paths: Iterable[Path]) -> dict[Path, bytes]:
        """The files, and all that they import, directly or not."""
        found: dict[Path, bytes] = {}
        by_path = {path: namespace for namespace, (path, _content) in self._sources.items()}
        waiting = [by_path[path] for path in paths if path in by_path]
        while waiting:
            path, content = self._sources[waiting.pop()]
            if path not in found:
                found[path] = content
                header = read_header(content)
                waiting += [name for name in (header.imports if header is not None else ()) if name in self._sources]
        return found

    def evaluate(self, paths: Iterable[Path], key: str, variables: Mapping[str, Json]) -> Mapping[str, Json] | None:
        """What the decision of one of the files answers; None when none of them has it, or it refuses."""
        for namespace in [name for name, (path, _content) in self._sources.items() if path in set(paths)]:
            model = self.of(namespace)
            if key in model.decisions:
                try:
                    result = model.evaluate(key, dict(variables)).record()["result"]
                except DmnError:
                    return None
                return result if isinstance(result, dict) else {"result": result}
        return None

    def shared_rules(self, code: str) -> tuple[str | None, tuple[str, ...]]:
        """Whose rules the shared tables apply to the place of this code, and the switches they have on there by default."""
        if PLACES not in self:
            return None, ()
        model = self._model(_ASKED.format(namespace=PLACES, code=code).encode(), Path("asked.dmn"), [PLACES])
        answer = model.evaluate("asked", {}).record()["result"]
        return str(answer["rules"]), tuple(str(name) for name in answer["switches"])
