"""The page of a place says what its folder says."""

import shutil
from pathlib import Path

import pytest

from service.pages.index import index_of
from service.pages.markdown import cell_of, table
from service.pages.page import page_of
from service.pages.place import Place, PlaceUnread, above, places_in, read_place

ROOT = Path(__file__).parents[2]
PLACES = places_in(ROOT)


def place(place_id: str) -> Place:
    return next(found for found in PLACES if found.id == place_id)


def page(place_id: str) -> str:
    return page_of(place(place_id), PLACES)[Path(f"{place_id}.md")]


def test_limits_and_settings_are_those_of_the_nearest_place() -> None:
    assert [found.id for found in above(place("siyang"), PLACES)] == ["suqian", "jiangsu", "common"]
    shown = page("siyang")
    assert "| `T_CLUE_SUPERIOR` | 检举控告报送上级 | 5 个工作日 | 规定 RULE | `siyang` |" in shown
    assert "| `T_RECTIFY` |" in shown, "common's limits apply as well"


def test_unknown_texts_are_counted() -> None:
    assert "| 不予容错情形 | 4 | 0 | **4** | 省级4项不予容错文本未公开 |" in page("hubei")


@pytest.mark.parametrize("place_id", [found.id for found in PLACES])
def test_every_rule_case_and_picture_of_a_place_is_on_its_page(place_id: str) -> None:
    files = page_of(place(place_id), PLACES)
    shown = files[Path(f"{place_id}.md")]
    for diagram in place(place_id).files("bpmn", "*.bpmn"):
        picture = Path(place_id) / f"{diagram.stem}.svg"
        assert f"]({picture})" in shown
        assert files[picture].startswith("<svg ")
    for decisions in place(place_id).files("dmn", "*.dmn"):
        text = decisions.read_text()
        rules = [part.split('"', 1)[0] for part in text.split('<rule id="')[1:]]
        assert [rule for rule in rules if f"| {rule} |" not in shown] == []
    for path in [*place(place_id).files("bpmn", "*.cases.yaml"), *place(place_id).files("dmn", "*.cases.yaml")]:
        assert f"### {path.name}" in shown


def test_all_places_are_on_the_index() -> None:
    shown = index_of(PLACES)
    assert [found.id for found in PLACES if f"({found.id}.md)" not in shown] == []


def test_a_cell_holds_any_text() -> None:
    assert cell_of("a | b\n<script>") == "a \\| b &lt;script>"
    assert table(("x",), []) == ["—", ""]


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bpmn" / "nowhere").mkdir(parents=True)
    with pytest.raises(PlaceUnread, match=r"bpmn/nowhere/jurisdiction\.yaml"):
        read_place(tmp_path, "nowhere")
    (tmp_path / "bpmn" / "nowhere" / "jurisdiction.yaml").write_text("- a list")
    with pytest.raises(PlaceUnread, match="not a mapping"):
        read_place(tmp_path, "nowhere")


def test_a_place_made_from_another_has_its_page(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bpmn" / "suqian", tmp_path / "bpmn" / "suqian")
    [alone] = places_in(tmp_path)
    assert list(page_of(alone, [alone])) == [Path("suqian.md")]
