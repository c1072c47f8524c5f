"""Reading YAML as JSON values: exact numbers, dates as their text, no tags, bounded in what it may unfold to."""

import re
from decimal import Decimal
from typing import Any, cast

import yaml

from service.domain.json_values import Json

MAX_VALUES = 100_000
MERGE_TAG = "tag:yaml.org,2002:merge"
MAX_DEPTH = 50


class YamlFault(Exception):
    """What is wrong with the text and where (1-based line, None when unknown)."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class _ExactLoader(yaml.SafeLoader):
    """Plain scalars become null, booleans, Decimal or text; nothing else is resolved."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own class attribute)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """As YAML has it, but a key given twice is a fault instead of a silent loss."""
        seen: set[str] = set()
        for key_node, _value in node.value:
            if key_node.tag != MERGE_TAG and str(key_node.value) in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key_node.value!r} is given twice", key_node.start_mark)
            seen.add(str(key_node.value))
        return super().construct_mapping(node, deep)


_ExactLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_ExactLoader.add_implicit_resolver(MERGE_TAG, re.compile(r"^<<$"), ["<"])
_ExactLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_ExactLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]{0,33})(?:\.[0-9]{1,34})?$"), list("-0123456789")
)


def _decimal(loader: _ExactLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def _reader() -> Any:
    """The loader whose text libyaml reads, several times as fast; the plain one where PyYAML was built without it.

    What libyaml tells is composed here: its own composing has no bound to how deep a text may nest.
    """
    if not yaml.__with_libyaml__:
        return _ExactLoader
    from yaml._yaml import CParser

    class _FastLoader(CParser, _ExactLoader):
        get_single_node = _ExactLoader.get_single_node

        def __init__(self, stream: str) -> None:
            CParser.__init__(self, stream)
            for part in (yaml.composer.Composer, yaml.constructor.SafeConstructor, yaml.resolver.Resolver):
                part.__init__(self)

    return _FastLoader


LOADER = _reader()


class _Budget:
    """Counts values while they are unfolded: a few aliases can stand for more than memory holds, or for themselves."""

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def require_json(self, value: object, depth: int = 0) -> None:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise YamlFault(f"the file unfolds to more than {MAX_VALUES} values or {MAX_DEPTH} levels", None)
        if isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str):
                    raise YamlFault(f"the key {key!r} is no text; put it in quotes", None)
                self.require_json(item, depth + 1)
        elif isinstance(value, list):
            for item in value:
                self.require_json(item, depth + 1)
        elif value is not None and not isinstance(value, str | bool | Decimal):
            raise YamlFault(f"a value of type {type(value).__name__} cannot be used", None)


def read_yaml(data: bytes) -> Json:
    """The one document of the text as a JSON value. Raises YamlFault."""
    try:
        value = yaml.load(data.decode("utf-8"), Loader=LOADER)
    except UnicodeDecodeError:
        raise YamlFault("the file is not UTF-8", None) from None
    except yaml.MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        raise YamlFault(f"not YAML: {error.problem or error.context}", line) from None
    except (yaml.YAMLError, RecursionError):
        raise YamlFault("not YAML that can be read", None) from None
    _Budget().require_json(value)
    return cast(Json, value)
