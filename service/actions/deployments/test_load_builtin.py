"""In which order the jurisdictions that come with the service are deployed."""

from service.actions.deployments.load_builtin import Files, in_order

_MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def _decisions(namespace: str, *imported: str) -> tuple[str, bytes]:
    imports = "".join(f'<import name="i{at}" namespace="{found}" importType="{_MODEL}"/>' for at, found in enumerate(imported))
    return (f"{namespace}.dmn", f'<definitions xmlns="{_MODEL}" name="x" namespace="{namespace}">{imports}</definitions>'.encode())


def _place(parent: str) -> tuple[str, bytes]:
    return ("jurisdiction.yaml", f"id: x\nname: x\nparent: {parent}\n".encode())


def test_a_place_comes_after_its_parent_and_what_it_imports() -> None:
    folders: dict[str, Files] = {
        "common": (_decisions("urn:common"),),
        "china": (_decisions("urn:china", "urn:common"),),
        "county": (_place("prefecture"),),
        "prefecture": (_place("province"),),
        "province": (_decisions("urn:province", "urn:china", "urn:elsewhere"), _place("null")),
    }

    assert in_order(folders) == ["common", "china", "province", "prefecture", "county"]


def test_without_needs_the_names_decide() -> None:
    assert in_order({"b": (_place("nowhere"),), "c": (_decisions("urn:c"),), "a": (("jurisdiction.yaml", b"{"),)}) == ["a", "b", "c"]


def test_a_circle_ends() -> None:
    folders: dict[str, Files] = {"a": (_decisions("urn:a", "urn:b"),), "b": (_decisions("urn:b", "urn:a"), _place("a"))}

    assert in_order(folders) == ["b", "a"]
