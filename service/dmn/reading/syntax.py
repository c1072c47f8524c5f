"""The decision model as written: immutable nodes read from the XML, not yet compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HitPolicy = Literal["UNIQUE", "ANY", "PRIORITY", "FIRST", "RULE ORDER", "OUTPUT ORDER", "COLLECT"]
Aggregation = Literal["SUM", "COUNT", "MIN", "MAX"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the nearest element id and the line of the file, counted from 1."""

    element_id: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of FEEL text; `text` is stripped, an absent one is the empty string."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Boxed:
    """Any boxed expression."""

    place: Place
    type_ref: str | None


@dataclass(frozen=True, slots=True)
class LiteralExpression(Boxed):
    """FEEL text. `imported` marks logic kept in another file, which is refused."""

    text: str


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """`name: expression`; the entry without a name is the result of the context."""

    place: Place
    name: str | None
    type_ref: str | None
    expression: Boxed


@dataclass(frozen=True, slots=True)
class ContextExpression(Boxed):
    """A boxed context."""

    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """One argument of a boxed invocation."""

    place: Place
    name: str
    expression: Boxed | None


@dataclass(frozen=True, slots=True)
class Invocation(Boxed):
    """Calls a function with named arguments."""

    called: Boxed
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class ListExpression(Boxed):
    """A boxed list."""

    items: tuple[Boxed, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A name with an optional type: parameter, relation column, annotation column."""

    place: Place
    name: str
    type_ref: str | None


@dataclass(frozen=True, slots=True)
class Relation(Boxed):
    """A list of contexts written as a grid."""

    columns: tuple[Named, ...]
    rows: tuple[tuple[Boxed, ...], ...]


@dataclass(frozen=True, slots=True)
class FunctionExpression(Boxed):
    """A boxed function; `kind` is FEEL, JAVA or PMML, only the first can run."""

    kind: str
    parameters: tuple[Named, ...]
    body: Boxed | None


@dataclass(frozen=True, slots=True)
class Conditional(Boxed):
    """Boxed if / then / else."""

    condition: Boxed
    then: Boxed
    otherwise: Boxed


@dataclass(frozen=True, slots=True)
class FilterExpression(Boxed):
    """Boxed filter: the elements of `source` for which `match` is true."""

    source: Boxed
    match: Boxed


@dataclass(frozen=True, slots=True)
class Iterator(Boxed):
    """Boxed for, some or every."""

    kind: Literal["for", "some", "every"]
    variable: str
    variable_type: str | None
    source: Boxed
    body: Boxed


@dataclass(frozen=True, slots=True)
class InputClause:
    """One input column; `variable` is the name Camunda's modeler gave to the value its cells test."""

    place: Place
    label: str | None
    expression: Text
    type_ref: str | None
    values: Text | None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class OutputClause:
    """One output column."""

    place: Place
    name: str | None
    label: str | None
    type_ref: str | None
    values: Text | None
    default: Text | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `description` is its basis: the description element, else the annotation columns. `id` is its own, not one around it."""

    place: Place
    index: int
    description: str | None
    inputs: tuple[Text, ...]
    outputs: tuple[Text, ...]
    id: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionTable(Boxed):
    """A decision table in any orientation; the file holds rules either way."""

    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class ItemComponent:
    """An item definition or a component of one."""

    place: Place
    name: str
    type_ref: str | None
    is_collection: bool
    allowed: Text | None
    constraint: Text | None
    components: tuple[ItemComponent, ...] = ()
    function: FunctionSignature | None = None


@dataclass(frozen=True, slots=True)
class FunctionSignature:
    """The type of a function value."""

    parameters: tuple[Named, ...]
    output_type: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """An href to another element: `namespace` is None inside the file."""

    place: Place
    namespace: str | None
    target: str


@dataclass(frozen=True, slots=True)
class InputData:
    """An input of the graph; `name` is its key in the variables."""

    place: Place
    id: str
    name: str
    type_ref: str | None


@dataclass(frozen=True, slots=True)
class DecisionElement:
    """A decision with its requirements; `variable` names its value in expressions, `version_tag` is what camunda:versionTag says."""

    place: Place
    id: str
    name: str
    variable: str
    type_ref: str | None
    documentation: str | None
    required_decisions: tuple[Reference, ...]
    required_inputs: tuple[Reference, ...]
    required_knowledge: tuple[Reference, ...]
    logic: Boxed | None
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A business knowledge model: a named function."""

    place: Place
    id: str
    name: str
    type_ref: str | None
    required_knowledge: tuple[Reference, ...]
    logic: FunctionExpression | None


@dataclass(frozen=True, slots=True)
class ServiceElement:
    """A decision service: a part of the graph callable as a function."""

    place: Place
    id: str
    name: str
    type_ref: str | None
    output_decisions: tuple[Reference, ...]
    encapsulated_decisions: tuple[Reference, ...]
    input_decisions: tuple[Reference, ...]
    input_data: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """Another model used by this one under `name` ("" = without a prefix); `kind` is its language, DMN where None."""

    place: Place
    name: str
    namespace: str
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Definitions:
    """The whole file."""

    id: str | None
    name: str
    namespace: str
    imports: tuple[Import, ...] = ()
    items: tuple[ItemComponent, ...] = ()
    inputs: tuple[InputData, ...] = ()
    decisions: tuple[DecisionElement, ...] = ()
    knowledge: tuple[KnowledgeModel, ...] = ()
    services: tuple[ServiceElement, ...] = ()
    description: str | None = None
