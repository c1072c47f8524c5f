"""Definitions: versions, what was latest when, what a message starts."""

import threading

from service.domain.definition import KIND_DECISION, KIND_PROCESS, Deployment, ModelResource, Resource
from service.domain.identifiers import new_id
from service.store.conftest import NOW, deploy
from service.store.database import DatabaseStore


def test_the_law_of_then_is_found_after_later_deployments(store: DatabaseStore) -> None:
    first = deploy(store, "tolerance", "other")
    second = deploy(store, "tolerance")

    with store.begin() as transaction:
        assert transaction.latest_deployment_seq() == second.seq == first.seq + 1
        latest = transaction.latest_definition(KIND_PROCESS, "tolerance")
        then = transaction.latest_definition(KIND_PROCESS, "tolerance", first.seq)
        assert latest is not None
        assert then is not None
        assert (then.id, latest.id) == ("tolerance:1", "tolerance:2")
        assert transaction.latest_definition(KIND_PROCESS, "tolerance", 0) is None
        assert transaction.definition_version(KIND_PROCESS, "tolerance", 1) == then
        assert transaction.process_definition("tolerance:2") == latest
        assert transaction.process_definition("tolerance:3") is None
        resource = transaction.resource(then.resource_id)
        assert resource is not None
        assert resource.content == b"<tolerance 1/>"
        place, place_then = transaction.jurisdiction("hubei"), transaction.jurisdiction("hubei", first.seq)
        assert place is not None
        assert place_then is not None
        assert (place.deployment_seq, place_then.deployment_seq) == (second.seq, first.seq)
        assert place.document["code"] == "420000"
        assert transaction.jurisdiction("nowhere") is None


def test_a_message_starts_the_latest_versions_only(store: DatabaseStore) -> None:
    deploy(store, "tolerance", "other", starts=("application", "accountability"))
    deploy(store, "tolerance", starts=("application",))

    with store.read() as questions:
        assert [one.id for one in questions.start_definitions("message", "application")] == ["other:1", "tolerance:2"]
        assert [one.id for one in questions.start_definitions("message", "accountability")] == ["other:1"]
        assert questions.start_definitions("message", "none") == []


def test_definitions_and_deployments_are_listed(store: DatabaseStore) -> None:
    deploy(store, "tolerance", "other")
    deploy(store, "tolerance")

    with store.read() as questions:

        def ids(**filters: object) -> list[object]:
            return [row["id"] for row in questions.page("process-definitions", filters, (), 10, None, NOW, None).items]

        assert ids() == ["other:1", "tolerance:2", "tolerance:1"]
        assert ids(latest=True) == ["other:1", "tolerance:2"]
        assert ids(latest=False) == ["tolerance:1"]
        assert ids(key="tolerance", jurisdiction="hubei") == ["tolerance:2", "tolerance:1"]
        assert ids(jurisdiction="jiangsu") == []
        found = questions.one("process-definitions", "tolerance:1", NOW)
        assert found is not None
        assert (found["key"], found["version"], found["fileName"]) == ("tolerance", 1, "tolerance.bpmn")
        deployments = questions.page("deployments", {}, (), 10, None, NOW, None).items
        assert [row["name"] for row in deployments] == ["deployment 2", "deployment 1"]
        assert deployments[0]["resources"] == [
            {
                "fileName": "tolerance.bpmn",
                "kind": "process",
                "definitions": [{"id": "tolerance:2", "key": "tolerance", "version": 2}],
            }
        ]
        places = questions.page("jurisdictions", {}, (), 10, None, NOW, None).items
        assert [(row["id"], row["path"]) for row in places] == [("hubei", "hubei")]


def test_concurrent_deployments_get_numbers_in_commit_order(store: DatabaseStore) -> None:
    threads = [threading.Thread(target=deploy, args=(store, "tolerance")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    with store.read() as questions:
        rows = questions.page("process-definitions", {}, [("version", False)], 10, None, NOW, None).items
        assert [row["version"] for row in rows] == [1, 2, 3, 4]
    with store.begin() as transaction:
        assert transaction.latest_deployment_seq() == 4


def deploy_models(store: DatabaseStore, jurisdiction: str | None, *models: Resource) -> str:
    deployment_id = new_id()
    with store.begin() as transaction:
        seq = transaction.lock_deployments()
        transaction.insert_deployment(Deployment(deployment_id, seq, "models", jurisdiction, NOW, "zhang"), models, [], [])
        transaction.commit()
    return deployment_id


def model(identifier: str, file_name: str, namespace: str = "urn:base") -> Resource:
    return Resource(identifier, file_name, KIND_DECISION, identifier, identifier.encode(), namespace)


def ids_of(store: DatabaseStore, namespace: str) -> list[str]:
    with store.read() as questions:
        return [model.id for model in questions.decision_models(namespace)]


def test_a_deployed_model_is_found_with_its_imports_and_by_its_namespace(store: DatabaseStore) -> None:
    base = model("base-1", "base.dmn")
    above = Resource("above-1", "above.dmn", KIND_DECISION, "2", b"2", "urn:above", {"urn:base": "base-1"})
    deployment_id = deploy_models(store, "hubei", base, above, Resource("form-1", "f.form", "form", "3", b"3"))

    with store.read() as questions:
        found = ModelResource("above-1", "above.dmn", "2", {"urn:base": "base-1"}, "hubei", deployment_id)
        assert questions.decision_models("urn:above") == [found]
        assert questions.model_resource("above-1") == found
        assert questions.model_resource("none") is None
        assert questions.decision_models("urn:none") == []
        assert questions.resource("base-1") == base


def test_the_last_deployment_that_brought_the_namespace_counts(store: DatabaseStore) -> None:
    deploy_models(store, None, model("base-1", "base.dmn"), model("more-1", "more.dmn"))
    assert ids_of(store, "urn:base") == ["base-1", "more-1"]

    deploy_models(store, None, model("renamed-1", "renamed.dmn"))
    deploy_models(store, None, model("other-1", "base.dmn", "urn:other"))
    assert ids_of(store, "urn:base") == ["renamed-1"]


def test_another_place_does_not_take_the_namespace_over(store: DatabaseStore) -> None:
    deploy_models(store, "hubei", model("hubei-1", "base.dmn"))
    deploy_models(store, "siyang", model("siyang-1", "base.dmn"))
    deploy_models(store, None, model("common-1", "base.dmn"))
    deploy_models(store, "hubei", model("hubei-2", "base.dmn"))

    assert ids_of(store, "urn:base") == ["siyang-1", "common-1", "hubei-2"]


def test_what_a_file_declares_is_found(store: DatabaseStore) -> None:
    deploy(store, "tolerance", "other")

    with store.read() as questions:
        found = questions.latest_definition(KIND_PROCESS, "tolerance")
        assert found is not None
        assert questions.definitions_in(found.resource_id) == [found]


def test_a_file_is_in_force_until_its_name_or_a_definition_is_deployed_anew(store: DatabaseStore) -> None:
    deploy(store, "tolerance", "other")
    deploy(store, "tolerance")
    deploy(store, "elsewhere", jurisdiction="jiangsu")
    base, above = model("base-1", "base.dmn"), Resource("above-1", "above.dmn", KIND_DECISION, "2", b"2", "urn:a", {"urn:base": "base-1"})
    deploy_models(store, "hubei", base, above)
    deploy_models(store, "hubei", model("base-2", "base.dmn"))

    def in_force() -> dict[tuple[str | None, str], str]:
        with store.read() as questions:
            return {(found.jurisdiction, found.file_name): found.digest for found in questions.files_in_force()}

    assert in_force() == {
        ("hubei", "tolerance.bpmn"): "digest-tolerance-2",
        ("hubei", "other.bpmn"): "digest-other-1",
        ("hubei", "base.dmn"): "base-2",
        ("hubei", "above.dmn"): "2",
        ("jiangsu", "elsewhere.bpmn"): "digest-elsewhere-1",
    }
    deploy(store, "elsewhere", jurisdiction="anhui")
    assert ("jiangsu", "elsewhere.bpmn") not in in_force(), "its definition has a later version under another name"
    with store.read() as questions:
        assert [found.imports for found in questions.files_in_force() if found.id == "above-1"] == [{"urn:base": "base-1"}]


def test_what_others_deployed_last_is_told_by_key_and_by_file(store: DatabaseStore) -> None:
    deploy(store, "tolerance", "other")

    with store.begin() as transaction:
        assert transaction.keys_of_others("zhang") == set()
        assert transaction.files_of_others("zhang") == set()
        assert {key for _, key in transaction.keys_of_others("builtin")} == {"tolerance", "other"}
        assert transaction.files_of_others("builtin") == {("hubei", "tolerance.bpmn"), ("hubei", "other.bpmn")}
