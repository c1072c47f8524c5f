"""From submitted objects to the keys of a form: `{"facts": {"nature": "X"}}` and `{"facts.nature": "X"}` are the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from service.forms.json_values import Json, Path, pointer_to, same
from service.forms.problems import FormProblem

Place: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A value as sent, and where: the names and indexes from the variables object down to it."""

    value: Json
    place: Place

    @property
    def pointer(self) -> str:
        """RFC 6901 pointer of the place."""
        return pointer_to(self.place)


@dataclass(frozen=True, slots=True)
class Flattened:
    """Values by path; problems of single keys; pointers of what is no key of the form."""

    sent: Mapping[Path, Sent]
    problems: Mapping[Path, tuple[FormProblem, ...]]
    unknown: tuple[FormProblem, ...]


def flatten(submitted: Mapping[str, Json], paths: Collection[Path], base: Place = ()) -> Flattened:
    """The values of `paths` in `submitted`; `base` leads from the variables object to `submitted`."""
    known = frozenset(paths)
    inner = frozenset(path[:length] for path in known for length in range(1, len(path)))
    sent: dict[Path, Sent] = {}
    problems: dict[Path, tuple[FormProblem, ...]] = {}
    unknown: list[FormProblem] = []

    def visit(value: Mapping[str, Json], path: Path, raw: Place) -> None:
        for name, item in value.items():
            here = (*path, *name.split("."))
            place = (*raw, name)
            pointer = pointer_to(place)
            if here in known:
                earlier = sent.get(here)
                if earlier is None:
                    sent[here] = Sent(item, place)
                elif not same(earlier.value, item):
                    message = f"“{'.'.join(here)}”两次提交而值不同 (also at {earlier.pointer})"
                    problems[here] = (*problems.get(here, ()), FormProblem(pointer, "conflicting-values", message))
            elif here in inner and isinstance(item, Mapping):
                visit(item, here, place)
            elif here in inner:
                unknown.append(FormProblem(pointer, "wrong-type", f"“{'.'.join(here)}”应为对象 (object)"))
            else:
                unknown.append(FormProblem(pointer, "unknown-key", f"“{'.'.join(here)[:200]}”不是本表单的字段 (unknown key)"))

    visit(submitted, (), base)
    return Flattened(sent, problems, tuple(unknown))
