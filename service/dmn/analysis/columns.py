"""The input columns of a table as dimensions: what values each can have, and which of them each rule covers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from service.dmn.analysis.cells import CellTests, read_cell, read_constraint
from service.dmn.analysis.computed_inputs import Yield, yield_of
from service.dmn.analysis.limits import Budget
from service.dmn.analysis.lines import LINES, NUMBER, WHOLE_NUMBER, Line, line_of
from service.dmn.analysis.regions import Mask, Partition, Region
from service.dmn.reading.syntax import Place
from service.dmn.tables.constraint import Constraint, literal_values
from service.dmn.tables.table import Cell, CompiledTable, InputColumn
from service.dmn.value_types import ANY, ConstrainedType, DeferredType, SimpleType, ValueType, WholeNumberType
from service.feel.tree import Node

_TYPE_OF_LINE = {line.name: name for name, lines in LINES.items() for line in lines if name != "duration"} | {WHOLE_NUMBER.name: "number"}


@dataclass(frozen=True, slots=True)
class Remark:
    """What was taken for granted or could not be decided, and where."""

    place: Place
    message: str


@dataclass(slots=True)
class Dimension:
    """All columns with the same input expression; `paths` are the variables it reads.

    `domain` holds the values it can have, null included, `doubtful` those of which this cannot be told. `cells` are what the
    rules cover, by their position in the table; a rule that is missing covers everything.
    """

    text: str
    columns: tuple[int, ...]
    paths: frozenset[tuple[str, ...]]
    partition: Partition
    domain: Mask
    doubtful: Mask
    cells: dict[int, Region] = field(default_factory=dict)

    @property
    def everything(self) -> Mask:
        """All values it has or may have, with null."""
        return self.domain | self.doubtful

    def covered(self, position: int) -> Region:
        """What a rule covers of the values it has or may have."""
        return self.cells.get(position) or Region(self.everything, self.everything)


@dataclass(slots=True)
class Columns:
    """The dimensions of a table, what was taken for granted about them, and what is wrong or undecided.

    `mistyped` are cells that compare with constants of another type than the column, `valueless` those with constants that are null.
    """

    dimensions: list[Dimension] = field(default_factory=list)
    assumed: list[Remark] = field(default_factory=list)
    contradictory: list[Remark] = field(default_factory=list)
    mistyped: list[Remark] = field(default_factory=list)
    valueless: list[Remark] = field(default_factory=list)
    undecided: list[Remark] = field(default_factory=list)


def read_columns(table: CompiledTable, functions: Collection[str], budget: Budget) -> Columns:
    """The dimensions of a table; `functions` are names that may stand for functions of the model."""
    found = Columns()
    together: dict[Node, list[int]] = {}
    for index, column in enumerate(table.inputs):
        together.setdefault(column.expression.tree, []).append(index)
    hidden = table.names.intersection(functions)
    groups = {index: columns[0] for columns in together.values() for index in columns}
    written: dict[int, list[tuple[int, Cell]]] = {columns[0]: [] for columns in together.values()}
    for position, rule in enumerate(table.rules):
        for cell in rule.cells:
            written[groups[cell.column]].append((position, cell))
    for columns in together.values():
        found.dimensions.append(_dimension(table, columns, written[columns[0]], hidden, budget, found))
    return found


def _dimension(
    table: CompiledTable,
    columns: Sequence[int],
    written: Sequence[tuple[int, Cell]],
    hidden: Collection[str],
    budget: Budget,
    report: Columns,
) -> Dimension:
    inputs = [table.inputs[index] for index in columns]
    cells: dict[str, CellTests] = {}
    for _, cell in written:
        if cell.tests.text not in cells:
            cells[cell.tests.text] = read_cell(cell.tests, hidden)
    constants = [value for cell in cells.values() for part in cell.closed for value in part.cuts or ()]
    # A declared component has every value of its type, whatever its name.
    yielded = yield_of(inputs[0].expression.tree) if inputs[0].known is ANY else Yield()
    lines = _lines(inputs, yielded, {line.name: line for line in map(line_of, constants) if line is not None}, report) if cells else ()
    conditions = [read_constraint(condition) for condition in _conditions(inputs)] if lines else []
    if lines:
        constants.extend(value for condition in conditions for value in condition.cuts or ())
        constants.extend(yielded.cuts)
    partition = Partition(lines or (NUMBER,), constants if lines else ())
    allowed = Region(partition.inhabited, partition.inhabited)
    for condition in conditions:
        allowed = allowed & condition.region(partition, budget)
    if lines:
        allowed = allowed & partition.region(yielded.cuts, yielded.admits)
    domain = allowed.certain | partition.null
    if yielded.open:
        # A value some cell names is taken for possible, of the others this is not known.
        domain &= partition.named | partition.null
    dimension = Dimension(
        inputs[0].clause.expression.text, tuple(columns), inputs[0].expression.paths, partition, domain, allowed.possible & ~domain
    )
    everything = Region(dimension.everything, dimension.everything)
    regions = {text: cell.region(partition, budget, ordered=bool(lines)) & everything for text, cell in cells.items()}
    mistyped = {text: _mistyped(cell, lines, dimension.text) for text, cell in cells.items()}
    for position, cell in written:
        text = cell.tests.text
        region = regions[text]
        dimension.cells[position] = dimension.cells.get(position, everything) & region
        place = Place(cell.element_id, table.rules[position].rule.inputs[cell.column].place.line)
        # A cell of plain values is judged where the file is read.
        if mistyped[text] is not None and literal_values(cell.tests) is None:
            report.mistyped.append(Remark(place, f"{mistyped[text]}, in {text}"))
        report.valueless.extend(Remark(place, f"{text} has no value: {fault}") for part in cells[text].closed for fault in part.faults[:1])
        if lines and region.certain != region.possible:
            report.undecided.append(Remark(place, f"{text} {cells[text].reason}"))
    return dimension


def _mistyped(cell: CellTests, lines: Sequence[Line], column: str) -> str | None:
    """Of which type a constant is that the column cannot be compared with."""
    wanted = {_TYPE_OF_LINE[line.name] for line in lines}
    for value in (value for part in cell.closed for value in part.cuts or ()):
        line = line_of(value)
        if lines and line is not None and _TYPE_OF_LINE[line.name] not in wanted:
            return f"{line.text(line.key(value))} is a {_TYPE_OF_LINE[line.name]}, but {column} is a {' or a '.join(sorted(wanted))}"
    return None


def _lines(inputs: Sequence[InputColumn], yielded: Yield, suggested: dict[str, Line], report: Columns) -> tuple[Line, ...]:
    """The lines the values lie on by their types, else as the cells suggest; none when that cannot be told."""
    clause = inputs[0].clause
    text = clause.expression.text
    names = {name for column in inputs for name in (_type_name(column.kind), _type_name(column.known)) if name is not None}
    if "duration" in names and len(names) == 2:
        names.discard("duration")
    if names - LINES.keys():
        report.undecided.append(Remark(clause.place, f"the column {text} cannot be decided: its values are not in an order"))
        return ()
    if len(names) > 1:
        kinds = " and a ".join(sorted(names))
        if names == {"date", "date and time"}:
            report.undecided.append(Remark(clause.place, f"the column {text} cannot be decided: it is both a {kinds}"))
        else:
            report.contradictory.append(Remark(clause.place, f"{text} can have no value: it would have to be a {kinds}"))
        return ()
    if names:
        possible = LINES[names.pop()]
        lines = tuple(line for line in possible if line.name in suggested) or possible[:1]
    elif len(suggested) > 1:
        report.undecided.append(Remark(clause.place, f"the column {text} cannot be decided: it has no type, and its cells have several"))
        return ()
    elif yielded.kind is not None:
        lines = LINES[yielded.kind]
    else:
        lines = tuple(suggested.values()) or (NUMBER,)
        if suggested:
            message = f"{text} has no type; it is taken for a {lines[0].name}, as the cells suggest"
            report.assumed.append(Remark(clause.place, message))
    if lines == (NUMBER,) and yielded.whole:
        if yielded.kind is None:
            report.assumed.append(Remark(clause.place, f"{text} is taken for the property of a date, time or duration"))
        return (WHOLE_NUMBER,)
    if lines == (NUMBER,) and any(isinstance(kind, WholeNumberType) for column in inputs for kind in _base_types(column)):
        return (WHOLE_NUMBER,)
    return lines


def _base_types(column: InputColumn) -> Iterator[ValueType]:
    """The types of a column without their constraints."""
    for kind in (column.kind, column.known):
        *_, base = _unfolded(kind)
        yield base


def _unfolded(kind: ValueType) -> Iterator[ValueType]:
    """The type and those it is made from by constraints."""
    while isinstance(kind, ConstrainedType | DeferredType):
        yield kind
        kind = kind.base if isinstance(kind, ConstrainedType) else kind.target
    yield kind


def _type_name(kind: ValueType) -> str | None:
    """The built-in type, None when there is none; lists and contexts have names no line has."""
    *_, base = _unfolded(kind)
    if base is ANY:
        return None
    return base.feel_name if isinstance(base, SimpleType) else type(base).__name__


def _conditions(inputs: Sequence[InputColumn]) -> Iterable[Constraint]:
    """What a value must satisfy: the allowed values of its types and of the clause."""
    for column in inputs:
        for kind in (column.kind, column.known):
            yield from (found.constraint for found in _unfolded(kind) if isinstance(found, ConstrainedType))
        if column.allowed is not None:
            yield column.allowed
