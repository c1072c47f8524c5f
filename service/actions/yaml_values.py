"""Reading YAML as JSON values: exact numbers, dates as their text, no aliases (which could unfold without end), no tags."""

import re
from decimal import Decimal
from typing import Any, cast

import yaml

from service.domain.json_values import Json


class YamlFault(Exception):
    """What is wrong with the text and where (1-based line, None when unknown)."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class _ExactLoader(yaml.SafeLoader):
    """Plain scalars become null, booleans, Decimal or text; nothing else is resolved."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own class attribute)


_ExactLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_ExactLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_ExactLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]{0,33})(?:\.[0-9]{1,34})?$"), list("-0123456789")
)


def _decimal(loader: _ExactLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def _require_json(value: object, node_line: int | None = None) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise YamlFault(f"the key {key!r} is no text; put it in quotes", node_line)
            _require_json(item)
    elif isinstance(value, list):
        for item in value:
            _require_json(item)
    elif value is not None and not isinstance(value, str | bool | Decimal):
        raise YamlFault(f"a value of type {type(value).__name__} cannot be used", node_line)


def read_yaml(data: bytes) -> Json:
    """The one document of the text as a JSON value. Raises YamlFault."""
    try:
        text = data.decode("utf-8")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_ExactLoader)):
            raise YamlFault("aliases (*name) are not allowed", None)
        value = yaml.load(text, Loader=_ExactLoader)
    except UnicodeDecodeError:
        raise YamlFault("the file is not UTF-8", None) from None
    except yaml.MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        raise YamlFault(f"not YAML: {error.problem or error.context}", line) from None
    except (yaml.YAMLError, RecursionError):
        raise YamlFault("not YAML that can be read", None) from None
    _require_json(value)
    return cast(Json, value)
