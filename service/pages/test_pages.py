"""The page of a place says what its folder says."""

import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from service.pages.cases import feel_of
from service.pages.index import index_of
from service.pages.levels import level_of
from service.pages.library import Library
from service.pages.limits import limit_at
from service.pages.markdown import anchor, cell_of, prose, table
from service.pages.page import page_of
from service.pages.place import Entry, Place, PlaceUnread, above, places_in, read_place
from service.pages.sections import documents

ROOT = Path(__file__).parents[2]
PLACES = places_in(ROOT)
LIBRARY = Library(PLACES)


def place(place_id: str) -> Place:
    return next(found for found in PLACES if found.id == place_id)


def page(place_id: str) -> str:
    return page_of(place(place_id), PLACES, LIBRARY)[Path(f"{place_id}.md")]


def test_limits_and_settings_are_those_of_the_nearest_place() -> None:
    assert [found.id for found in above(place("siyang"), PLACES)] == ["suqian", "jiangsu", "common"]
    shown = page("siyang")
    assert "| `T_CLUE_SUPERIOR` | 检举控告报送上级 | 5 个工作日 | 规定 RULE | `siyang` |" in shown
    assert "| `T_RECTIFY` |" in shown, "common's limits apply as well"


def test_unknown_texts_are_counted() -> None:
    assert "| 不予容错情形 | 4 | 0 | **4** | 本地 | 省级4项不予容错文本未公开 |" in page("hubei")


def test_what_is_unknown_or_contradicted_above_is_so_below() -> None:
    assert "| 不予容错情形 | 4 | 0 | **4** | 承继自[湖北省](hubei.md) | 省级4项不予容错文本未公开 |" in page("shiyan")
    assert "| 六看的第五看 |" in page("shiyan")
    assert "| [江苏省](jiangsu.md)；本地的决策表不引用 | 省级8种情形文本未公开 |" in page("siyang"), "siyang has a list of its own"
    assert "承继自" not in page("zigui"), "nothing of a comparator is loaded"


def test_a_rule_kept_in_another_folder_stands_on_the_page_of_its_place() -> None:
    shown, kept = page("xiangyang"), page("hubei")
    assert "| N2 |  |  |" in shown
    assert "重大经济损失、重特大安全责任事故" in shown
    assert "**襄阳市的规则**，与其他地方共用一份（[黄石市](huangshi.md)、[襄阳市](xiangyang.md)" in shown
    assert "引用的决策文件：[hubei_tolerance.dmn](hubei.md#hubei_tolerancedmn)" in shown
    assert "取自 [common_authority.dmn](common.md#common_authoritydmn)" in shown
    assert "[hubei_city_negative_list.dmn](#hubei_city_negative_listdmn)" in shown, "on this very page"
    assert kept.index("### hubei_tolerance.dmn") < kept.index("### hubei_common.dmn") < kept.index("**只适用于[黄石市](huangshi.md)")
    assert "| S2-T-1 |" in page("hangzhou")
    assert "### common_authority.dmn" not in shown, "what half of the places use is linked"


def test_links_between_pages_lead_to_headings() -> None:
    pages = {found.id: page(found.id) for found in PLACES}
    headings = {name: {anchor(line.lstrip("# ")) for line in shown.splitlines() if line.startswith("#")} for name, shown in pages.items()}
    links = [(name, *found) for name, shown in pages.items() for found in re.findall(r"\]\((?:(\w+)\.md)?#([^)]+)\)", shown)]
    assert len(links) > 100
    assert [link for link in links if link[2] not in headings[link[1] or link[0]]] == []


def test_a_step_tells_its_time_limit_and_whose_it_is() -> None:
    assert "`T_ACCEPT` 5 个工作日 [D] |" in page("hubei")
    assert "`T_ACCEPT` 5 个工作日 [D]（本系统）" in page("siyang")
    siyang, common = place("siyang"), place("common")
    limits: dict[str, tuple[Entry, Place]] = {
        "T_A": ({"days": 3, "basis": "rule"}, siyang),
        "T_B": ({"duration": "P1W", "basis": "default"}, common),
    }
    assert limit_at(("T_A", "T_B"), siyang, limits) == "`T_A` 3 日 规定 RULE；`T_B` `P1W` [D]（本系统）"
    assert limit_at(("T_A",), common, limits) == "`T_A` 3 日 规定 RULE（泗阳县）"
    assert limit_at(("T_C",), siyang, limits) == "`T_C` 没有设定"


def test_a_place_without_anything_that_runs_has_no_limits() -> None:
    assert "## 时限" not in page("shandong")
    assert "## 时限" in page("hangzhou"), "its tables are asked by shared procedures"


def test_a_level_is_told_by_the_name_of_the_place() -> None:
    assert [level_of(place(name)) for name in ("chongqing", "jilin", "zhangjiagang", "sanshui", "siyang", "hubei_zone")] == [
        *("直辖市", "省", "县级市", "市辖区", "县"),
        "功能区（开发区、自贸区等）",
    ]
    assert "湖北省 / 某开发区（湖北）（来源没有写明开发区属于哪个省" in page("hubei_zone")


def test_an_authors_proposal_has_no_document_in_force() -> None:
    essay: Entry = {"level": "template", "documents": [{"title": "某文", "textKnown": True, "status": "现行效力未核实"}]}
    assert "| 不适用 | 不适用 |" in "\n".join(documents(Place(ROOT, "essay", essay)))
    assert "不适用：作者的建议，没有文件。" in page("model_defence")


def test_a_scope_the_title_names_is_not_said_twice() -> None:
    entry: Entry = {"title": "某自贸区条例", "scope": "某自贸区", "textKnown": "partial", "status": "现行效力未核实"}
    zone: Entry = {"documents": [dict(entry)]}
    assert "| 某自贸区条例 | 未见于来源 | 未见于来源 | 部分已知 | 未核实 |" in "\n".join(documents(Place(ROOT, "zone", zone)))


def test_values_in_cases_are_written_as_feel() -> None:
    value = [{"list": "a", "count": Decimal("9"), "known": None, "yes": True, "words": 'say "x"'}]
    assert feel_of(value) == r'[{list: "a", count: 9, known: null, yes: true, words: "say \"x\""}]'
    assert [found.id for found in PLACES if "Decimal(" in page(found.id) or "{'" in page(found.id)] == []


def test_the_index_goes_by_code_and_tells_apart_what_is_no_place() -> None:
    index = index_of(PLACES)
    order = ["(china.md)", "(jiangsu.md)", "(wuxi.md)", "(siyang.md)", "(hubei.md)", "(hubei_zone.md)", "(chongqing.md)", "(xcity.md)"]
    order += ["## 作者建议", "(model_s2.md)", "## 共用", "(common.md)", "## 对照"]
    assert [index.index(words) for words in order] == sorted(index.index(words) for words in order)
    assert "| [十堰市](shiyan.md) | 市（设区的市一级） | 湖北省 | 420300 | 1 | 2 | 承继：0 / 8；" in index


@pytest.mark.parametrize("place_id", [found.id for found in PLACES])
def test_every_rule_case_and_picture_of_a_place_is_on_its_page(place_id: str) -> None:
    files = page_of(place(place_id), PLACES, LIBRARY)
    shown = files[Path(f"{place_id}.md")]
    for diagram in place(place_id).files("bpmn", "*.bpmn"):
        picture = Path(place_id) / f"{diagram.stem}.svg"
        assert f"[原大 · full size]({picture})" in shown
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


def test_places_for_comparison_stand_apart_and_show_no_rules() -> None:
    index, shown = index_of(PLACES), page("anxiang")
    assert index.index("(anxiang.md)") > index.index("## 对照") > index.index("(hubei.md)")
    assert "| 结果运用（R10） | 7个方面：" in shown
    assert "部分已知" in shown
    assert "## 配置" not in shown, "no limits or settings: nothing runs there"


def test_what_the_sources_contradict_is_told() -> None:
    assert "| 六看的第五看 |" in page("hubei")


def test_a_cell_holds_any_text() -> None:
    assert cell_of("a | b\n<script>") == "a \\| b &lt;script>"
    assert prose("<folder>_outcome 和 `x < 3`") == "&lt;folder>_outcome 和 `x < 3`"
    assert table(("x",), []) == ["—", ""]


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bpmn" / "nowhere").mkdir(parents=True)
    with pytest.raises(PlaceUnread, match=r"bpmn/nowhere/jurisdiction\.yaml"):
        read_place(tmp_path, "nowhere")
    (tmp_path / "bpmn" / "nowhere" / "jurisdiction.yaml").write_text("- a list")
    with pytest.raises(PlaceUnread, match="not a mapping"):
        read_place(tmp_path, "nowhere")


def test_a_place_made_from_another_has_its_page(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bpmn" / "taizhou", tmp_path / "bpmn" / "taizhou")
    [alone] = places_in(tmp_path)
    assert list(page_of(alone, [alone])) == [Path("taizhou.md")]
