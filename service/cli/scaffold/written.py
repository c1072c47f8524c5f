"""YAML as it stands in the repository: Chinese as Chinese, numbers as numbers, short things on one line."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import yaml

from service.domain.json_values import Json


class _Dumper(yaml.SafeDumper):
    """Without anchors: the same value twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    whole = value == value.to_integral_value()
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'int' if whole else 'float'}", f"{value:f}")


_Dumper.add_representer(Decimal, _decimal)


def written(document: Mapping[str, Json], head: str) -> bytes:
    """The document below its comment; the innermost mappings and lists on one line."""
    text = yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6, default_flow_style=None)
    return (head + text).encode("utf-8")
