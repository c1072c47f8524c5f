"""The page of all defaults has every time limit, setting and fact of every place."""

from pathlib import Path

from service.pages.all_defaults import PAGE, defaults_of
from service.pages.place import places_in

ROOT = Path(__file__).parents[2]
PLACES = places_in(ROOT)


def test_everything_that_a_place_sets_is_there_with_the_place_that_sets_it() -> None:
    rows = [line.split(" | ") for line in defaults_of(PLACES)[PAGE].splitlines() if line.startswith("| `")]
    shown = sorted((row[0].strip("|` "), row[1].split("]")[0].strip("[")) for row in rows)
    sections = ("deadlines", "settings", "facts")
    assert shown == sorted((name, place.id) for place in PLACES for section in sections for name in place.named(section))
    assert {len(row) for row in rows} == {6}


def test_value_basis_and_source_are_told() -> None:
    page = defaults_of(PLACES)[PAGE]
    assert "| `T_CLUE_SUPERIOR` | [siyang](siyang.md) | 5 个工作日 | 规定 RULE |" in page
    assert "| `T_RECTIFY` | [common](common.md) | 60 日 | 缺省 DEFAULT [D] |" in page
    assert "| `lettersOfInquiry` | [siyang](siyang.md) | activities，同一 `subjectId`，12 个月 | 规定 RULE |" in page
    assert page.index("| `T_RECTIFY` | [common]") < page.index("## 配置")
