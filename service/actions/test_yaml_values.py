"""YAML becomes JSON values with exact numbers, bounded."""

from decimal import Decimal

import pytest

from service.actions import yaml_values
from service.actions.yaml_values import YamlFault, read_yaml


@pytest.fixture(autouse=True, params=["libyaml", "python"])
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of reading, since PyYAML may have been built without libyaml."""
    if request.param == "python":
        monkeypatch.setattr(yaml_values, "LOADER", yaml_values._ExactLoader)


def test_scalars_are_exact_and_nothing_is_guessed() -> None:
    text = "{a: 0.1, b: 12, c: true, d: null, e: 2026-11-20, f: no, g: '1', h: 1_000, i: 0x10, j: -3, k: .5}"

    assert read_yaml(text.encode()) == {
        "a": Decimal("0.1"),
        "b": Decimal(12),
        "c": True,
        "d": None,
        "e": "2026-11-20",
        "f": "no",
        "g": "1",
        "h": "1_000",
        "i": "0x10",
        "j": Decimal(-3),
        "k": ".5",
    }


def test_aliases_and_merges_unfold() -> None:
    assert read_yaml(b"a: &x {k: 1}\nb: *x\nc: {<<: *x, l: 2}\n") == {
        "a": {"k": Decimal(1)},
        "b": {"k": Decimal(1)},
        "c": {"k": Decimal(1), "l": Decimal(2)},
    }


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: 1\na: {b: 2\n",
        "1: a",
        "a: 1\nb: 2\na: 3\n",
        "!!python/object/apply:os.system [id]",
        "a: &a [*a]",
        "- &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(f"- &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(8)),
        "[" * 100_000,
        "{a: " * 3_000,
        "a: \xff".encode("latin-1").decode("latin-1") + "\x00",
    ],
)
def test_what_cannot_be_taken_is_refused(text: str) -> None:
    with pytest.raises(YamlFault):
        read_yaml(text.encode())


def test_a_syntax_fault_names_its_line() -> None:
    with pytest.raises(YamlFault) as caught:
        read_yaml(b"a: 1\nb: ]\n")
    assert caught.value.line == 2


def test_bytes_must_be_utf8() -> None:
    with pytest.raises(YamlFault):
        read_yaml(b"a: \xff")
