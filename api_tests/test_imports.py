"""Decision files that import one another: what an import means is settled when the importing file is deployed."""

import hashlib

import pytest

from api_tests.api_client import ApiClient, exact, problem
from api_tests.decision_files import formula, importing, knowing, knowledge


def result(api: ApiClient, key: str, x: int, version: int | None = None) -> object:
    body = {"variables": {"x": x}} | ({} if version is None else {"version": version})
    response = api.call("POST", f"/decision-definitions/{key}/evaluation", body)
    assert response.status_code == 200, response.text
    return exact(response)["result"]


def versions(api: ApiClient, *files: tuple[str, bytes]) -> dict[str, tuple[int, bool]]:
    """Key → (version, unchanged) of what was deployed."""
    response = api.deploy_files(list(files))
    assert response.status_code == 201, response.text
    return {
        one["key"]: (one["version"], resource["unchanged"]) for resource in response.json()["resources"] for one in resource["definitions"]
    }


@pytest.mark.parametrize("imported_first", [True, False])
def test_the_files_of_a_deployment_import_one_another_in_any_order(api: ApiClient, imported_first: bool) -> None:
    low, high = f"low_{imported_first}", f"high_{imported_first}"
    files = [("low.dmn", formula(low, "x + 1")), ("high.dmn", importing(high, low, f"other.{low} * 10"))]

    deployed = versions(api, *(files if imported_first else reversed(files)))

    assert deployed == {low: (1, False), high: (1, False)}
    body = exact(api.call("POST", f"/decision-definitions/{high}/evaluation", {"variables": {"x": 4}}))
    assert body["result"] == 50
    assert [(one["decisionKey"], one["version"]) for one in body["requiredDecisions"]] == [(low, 1)]


def test_a_deployed_decision_keeps_the_imports_it_was_deployed_with(api: ApiClient) -> None:
    base, above = formula("kept_base", "x + 1"), importing("kept_above", "kept_base", "other.kept_base * 10")
    versions(api, ("base.dmn", base))
    versions(api, ("above.dmn", above))

    newer = versions(api, ("base.dmn", base.replace(b"x + 1", b"x + 2")))
    assert newer == {"kept_base": (2, False)}
    assert result(api, "kept_base", 4) == 6
    assert result(api, "kept_above", 4) == 50

    again = versions(api, ("above.dmn", above))
    assert again == {"kept_above": (2, False)}
    assert result(api, "kept_above", 4) == 60
    assert result(api, "kept_above", 4, version=1) == 50
    body = exact(api.call("POST", "/decision-definitions/kept_above/evaluation", {"variables": {"x": 4}, "version": 1}))
    assert [one["version"] for one in body["requiredDecisions"]] == [1]


def test_a_file_changes_with_the_files_it_imports(api: ApiClient) -> None:
    base, above = ("base.dmn", formula("moved_base", "x + 1")), ("above.dmn", importing("moved_above", "moved_base", "other.moved_base"))
    types = ("types.dmn", formula("moved_types", "1"))

    assert set(versions(api, base, above, types).values()) == {(1, False)}
    assert set(versions(api, above, base, types).values()) == {(1, True)}
    changed = versions(api, above, ("base.dmn", base[1].replace(b"x + 1", b"x + 2")), types)
    assert changed == {"moved_base": (2, False), "moved_above": (2, False), "moved_types": (1, True)}


def test_a_library_without_decisions_is_imported_and_stays_as_it_is(api: ApiClient) -> None:
    library = knowledge("library", "n * 2")
    user = knowing("uses_library", "library", "lib.library(x)")

    assert versions(api, ("library.dmn", library), ("user.dmn", user)) == {"uses_library": (1, False)}
    assert result(api, "uses_library", 4) == 8
    assert versions(api, ("library.dmn", library), ("user.dmn", user)) == {"uses_library": (1, True)}
    assert versions(api, ("library.dmn", knowledge("library", "n * 3")), ("user.dmn", user)) == {"uses_library": (2, False)}
    assert result(api, "uses_library", 4) == 12
    assert result(api, "uses_library", 4, version=1) == 8


@pytest.mark.parametrize(
    ("files", "codes"),
    [
        ([("a.dmn", importing("lone", "nowhere_to_be_found", "1"))], {"missing-import", "missing-reference"}),
        (
            [("a.dmn", importing("eve", "adam", "other.adam")), ("b.dmn", importing("adam", "eve", "other.eve"))],
            {"import-cycle", "import-refused"},
        ),
        ([("a.dmn", importing("narcissus", "narcissus", "other.narcissus"))], {"import-cycle"}),
        (
            [
                ("a.dmn", formula("twin", "1")),
                ("b.dmn", formula("twin", "2").replace(b'"twin"', b'"other_twin"').replace(b"twin_", b"other_twin_")),
                ("c.dmn", importing("parent", "twin", "other.twin")),
            ],
            {"ambiguous-import"},
        ),
        ([("a.dmn", formula("broken", "1 +")), ("c.dmn", importing("on_broken", "broken", "1"))], {"feel-syntax", "import-refused"}),
    ],
    ids=["missing", "cycle", "itself", "ambiguous", "broken"],
)
def test_an_import_that_means_nothing_certain_is_refused(api: ApiClient, files: list[tuple[str, bytes]], codes: set[str]) -> None:
    response = api.deploy_files(files)

    assert problem(response) == (422, "deployment-refused")
    assert {error["code"] for error in response.json()["errors"]} == codes


def test_several_deployed_files_of_the_namespace_are_refused_too(api: ApiClient) -> None:
    file = formula("many_named", "1")
    other = file.replace(b'"many_named"', b'"many_named_2"').replace(b"many_named_x", b"many_named_y")
    above = ("above.dmn", importing("many_above", "many_named", "other.many_named"))
    versions(api, ("one.dmn", file), ("two.dmn", other))

    response = api.deploy_files([above])

    assert [error["code"] for error in response.json()["errors"]] == ["ambiguous-import"]
    assert "one.dmn of no jurisdiction, two.dmn of no jurisdiction" in response.json()["errors"][0]["message"]
    assert api.deploy_files([above, ("one.dmn", file)]).status_code == 201


def test_a_renamed_file_takes_the_place_of_the_one_before(api: ApiClient) -> None:
    above = ("above.dmn", knowing("uses_renamed", "renamed", "lib.renamed(x)"))
    versions(api, ("lib.dmn", knowledge("renamed", "n * 2")), above)

    versions(api, ("lib2.dmn", knowledge("renamed", "n * 3")))

    assert versions(api, above) == {"uses_renamed": (2, False)}
    assert result(api, "uses_renamed", 4) == 12


def test_another_place_does_not_replace_a_library(api: ApiClient) -> None:
    library, above = ("lib.dmn", knowledge("place_lib", "n")), ("above.dmn", knowing("place_above", "place_lib", "lib.place_lib(x)"))
    assert api.deploy_files([library, above], jurisdiction="hubei").status_code == 201

    for taken in (knowledge("place_lib", "666"), formula("place_lib", "666")):
        response = api.deploy_files([("theirs.dmn", taken)], jurisdiction="siyang")
        assert problem(response) == (422, "deployment-refused")
        assert [(error["file"], error["code"]) for error in response.json()["errors"]] == [("theirs.dmn", "namespace-taken")]

    assert api.deploy_files([above], jurisdiction="hubei").json()["resources"][0]["unchanged"] is True
    assert result(api, "place_above", 4) == 4
    theirs = api.deploy_files([("theirs.dmn", knowing("place_theirs", "place_lib", "lib.place_lib(x) + 1"))], jurisdiction="siyang")
    assert theirs.status_code == 201
    assert result(api, "place_theirs", 4) == 5


def test_files_of_two_places_in_one_namespace_are_not_mixed_up(api: ApiClient) -> None:
    shared = [
        formula(name, "1").replace(f"urn:test:{name}".encode(), b"urn:test:shared_default") for name in ("shared_hubei", "shared_siyang")
    ]
    for place, file in zip(("hubei", "siyang"), shared, strict=True):
        assert api.deploy_files([(f"{place}.dmn", file)], jurisdiction=place).status_code == 201
    above = importing("shared_above", "shared_default", "1").replace(b"default#shared_default", b"default#shared_hubei")

    response = api.deploy_files([("above.dmn", above)], jurisdiction="hubei")

    assert [error["code"] for error in response.json()["errors"]] == ["ambiguous-import"]
    assert "hubei.dmn of hubei, siyang.dmn of siyang" in response.json()["errors"][0]["message"]


def test_a_deployment_tells_which_files_its_imports_mean(api: ApiClient) -> None:
    base, above = formula("told_base", "x"), importing("told_above", "told_base", "other.told_base")
    expected = {
        "namespace": "urn:test:told_base",
        "fileName": "base.dmn",
        "digest": hashlib.sha256(base).hexdigest(),
        "jurisdiction": None,
    }
    files = [("above.dmn", above), ("base.dmn", base)]

    def told(*files: tuple[str, bytes], **fields: str) -> tuple[str, list[object]]:
        body = api.deploy_files(list(files), **fields).json()
        return body["id"], [resource.get("imports") for resource in body["resources"]]

    assert told(*files, dryRun="true") == (None, [[expected | {"deploymentId": None}], None])
    first, imports = told(*files)
    assert imports == [[expected | {"deploymentId": None}], None]
    _, imports = told(("above.dmn", above.replace(b"other.told_base<", b"other.told_base + 1<")))
    assert imports == [[expected | {"deploymentId": first}]]


def test_imports_nest_to_a_limit(api: ApiClient) -> None:
    chain = [("level_1.dmn", formula("level_1", "x"))]
    chain += [(f"level_{n}.dmn", importing(f"level_{n}", f"level_{n - 1}", f"other.level_{n - 1} + 1")) for n in range(2, 23)]

    refused = api.deploy_files(chain)
    assert [error["code"] for error in refused.json()["errors"] if error["file"] == "level_21.dmn"] == ["too-deep"]
    assert "too-deep" in {error["code"] for error in api.deploy_files(chain[::-1]).json()["errors"]}
    versions(api, *chain[18::-1])
    versions(api, chain[19])
    assert result(api, "level_20", 1) == 20
    assert [error["code"] for error in api.deploy_files([chain[20]]).json()["errors"]] == ["too-deep"]
