"""Migrate an instance to a newer version of its process, by a plan that is judged as a whole before anything changes.

What is open keeps its id, its drafts (assignee, dates, priority) and its timers. The law stays that of the start unless the plan takes
that of the target: then tables, forms and time limits are those that were latest when the target was deployed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.actions.answer import Answer, answer
from service.actions.incidents.open_incidents import moved_along, open_incidents_of
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.instance_operation import Operated, Operation, operate
from service.actions.instances.published import process_source
from service.actions.ports import Execution, Reference, Services
from service.actions.presentation import visit_json
from service.domain.definition import Definition
from service.domain.errors import FieldError, Invalid, Objection, OperationRefused
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.operations import Migrated

EXPRESSION = ("${", "#{", "=")
"""Beginnings of a reference that is computed while running."""


@dataclass(frozen=True, slots=True)
class Migration:
    """`mapping`: element ids of the present diagram to those of the target; `map_equal`: the others keep their id.

    `target_law`: the law of the target's deployment counts from now on, unless that of the instance is later.
    """

    target_definition_id: str
    mapping: Mapping[str, str]
    map_equal: bool
    target_law: bool


def migrate_instance(services: Services, operation: Operation, migration: Migration) -> Answer:
    """200 with the instance, what was renamed and what to note; OperationRefused with every objection."""

    def migrate(operated: Operated) -> Answer:
        instance, tx = operated.instance, operated.tx
        target = tx.process_definition(migration.target_definition_id)
        if target is None:
            unknown = FieldError("/targetDefinitionId", "unknown-definition", f"no process definition {migration.target_definition_id!r}")
            raise Invalid("the target is not known", [unknown])
        before, execution = operated.revived()
        law = replace(before, definition=target, seq=_law_after(instance, target, migration))
        done = _migrated(operated, execution, law, migration)
        event = _event(operation, instance, law, migration, done)
        instance.definition_id, instance.definition_version, instance.law = target.id, target.version, law.seq
        change = operated.change(done.step, law, ("instance.migrated", event))
        change.renamed = done.renamed
        change.opened_incidents = [*change.opened_incidents, *moved_along(open_incidents_of(tx, instance), done.renamed)]
        operated.save(change)
        return answer(
            200,
            {
                "processInstance": operated.told(),
                "renamed": [{"id": one, "activityId": element, "name": name} for one, (element, name) in done.renamed.items()],
                "notes": [{"activityId": note.element_id, "code": note.code, "message": note.message} for note in done.notes],
                "open": [visit_json(visit) for visit in done.open],
                "dryRun": operation.dry_run,
            },
        )

    return operate(services, "administer", operation, migrate)


def _law_after(instance: ProcessInstance, target: Definition, migration: Migration) -> int:
    return max(instance.law, target.deployment_seq) if migration.target_law else instance.law


def _migrated(operated: Operated, execution: Execution, law: CaseLaw, migration: Migration) -> Migrated:
    """The migration, judged by the diagrams and by the law together: every objection is told at once."""
    source = process_source(operated.services, operated.tx, law.definition)
    objections = _of_the_version(operated.instance, law.definition)
    objections += [_lacking(one) for one in operated.services.engine.references(source) if _is_lacking(law, one)]
    try:
        done = execution.migrate(source, migration.mapping, migration.map_equal, operated.circumstances(law))
    except OperationRefused as refused:
        objections.extend(refused.objections)
    if objections:
        raise OperationRefused(f"{len(objections)} reason(s) why this cannot be done safely; nothing was changed", objections)
    return done


def _of_the_version(instance: ProcessInstance, target: Definition) -> list[Objection]:
    where = "/targetDefinitionId"
    if target.key != instance.definition_key:
        words = f"{target.id!r} is a version of another process than {instance.definition_key!r}"
        return [Objection(None, "other-process", words, where)]
    if target.version <= instance.definition_version:
        words = f"{target.id!r} is not newer than version {instance.definition_version}, which the instance has"
        return [Objection(None, "not-newer", words, where)]
    if target.jurisdiction != instance.jurisdiction:
        return [Objection(None, "other-jurisdiction", f"{target.id!r} belongs to another jurisdiction than the instance", where)]
    return []


def _is_lacking(law: CaseLaw, reference: Reference) -> bool:
    if reference.key.startswith(EXPRESSION):
        return False
    meant = reference.version_tag if reference.binding == "versionTag" else reference.version
    return law.find(reference.kind, reference.key, reference.binding, meant) is None


def _lacking(reference: Reference) -> Objection:
    words = (
        f"{reference.element_id!r} in the target uses the {reference.kind} {reference.key!r}, which the law of the instance does not have"
    )
    return Objection(reference.element_id, "law-lacks", words, "/law")


def _event(operation: Operation, instance: ProcessInstance, law: CaseLaw, migration: Migration, done: Migrated) -> dict[str, Json]:
    return {
        "reason": operation.reason,
        "before": {"definitionId": instance.definition_id, "law": instance.law},
        "after": {"definitionId": law.definition.id, "law": law.seq},
        "mapping": dict(migration.mapping),
        "mapEqual": migration.map_equal,
        "renamed": {one: element for one, (element, _) in done.renamed.items()},
    }
