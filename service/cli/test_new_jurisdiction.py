"""A new place made from another one: it is whole, it says that it is copied, and a wish that cannot be met leaves nothing behind."""

import os
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from service.actions.yaml_values import read_yaml
from service.cli.client import CommandError
from service.cli.commands import app
from service.cli.scaffold.files import decisions_of
from service.cli.scaffold.naming import CITED, Naming
from service.cli.scaffold.new_place import Wanted, new_place
from service.cli.scaffold.tree import registered

ROOT = Path(__file__).parents[2]
SOURCES = ("siyang", "shiyan", "model_defence", "taizhou")
"""A place with procedures of its own, one that calls another's, an author's model, one without procedures."""
PROSE = re.compile(r'<description>(.*?)</description>|<bpmn:documentation>(.*?)</bpmn:documentation>|name="basis" value="([^"]*)"', re.S)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of its own, as the project's; every copy in it has another name."""
    found = tmp_path_factory.mktemp("tree")
    for part in ("bpmn", "dmn", "tools/layout/hints"):
        shutil.copytree(ROOT / part, found / part)
    return found


def listing(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def about(root: Path, place: str) -> dict[str, Any]:
    return cast(dict[str, Any], read_yaml((root / "bpmn" / place / "jurisdiction.yaml").read_bytes()))


@pytest.mark.parametrize("source", SOURCES)
def test_the_copy_has_all_that_runs_and_claims_nothing(root: Path, source: str) -> None:
    made = new_place(root, Wanted(f"copy_of_{source[:2]}", source, f"某地{SOURCES.index(source)}"))
    name = f"copy_of_{source[:2]}"
    for kind in ("bpmn", "dmn"):
        theirs = [path for path in (ROOT / kind / source).rglob("*") if path.is_file() and not path.name.startswith("precedents.")]
        ours = [path for path in (root / kind / name).rglob("*") if path.is_file()]
        assert len(ours) == len(theirs)
        for path in ours:
            assert source not in path.name
            if path.suffix in (".bpmn", ".dmn", ".form"):
                text = path.read_text("utf-8")
                assert not re.search(rf"(?<![A-Za-z0-9]){source}(?![A-Za-z0-9])", text), path
                assert [words for found in PROSE.findall(text) for words in found if CITED.search(words) and "照搬自" not in words] == []
            if path.suffix == ".dmn" and not path.stem.endswith("_common"):
                rules = re.findall(r"<rule\b.*?</rule>", path.read_text("utf-8"), re.S)
                copied = [rule for rule in rules if "照搬自" in rule]
                assert [rule for rule in copied if re.search(r"<text>\"(?:RULE|PRACTICE|RECOMMENDATION)\"", rule)] == []
    document = about(root, name)
    assert (document["id"], document["name"]) == (name, f"某地{SOURCES.index(source)}")
    assert (document["copiedFrom"], document["documents"]) == (source, [])
    assert {(entry["count"], str(entry["textKnown"])) for entry in document["lists"]} <= {(None, "0")}
    for section in ("settings", "deadlines", "facts"):
        assert {entry["basis"] for entry in document.get(section, {}).values()} <= {"default"}
    assert made.parent == about(ROOT, source)["parent"]
    assert made.notes == ()


def test_what_the_shared_tables_have_on_for_the_source_alone_is_a_setting_of_the_copy(root: Path) -> None:
    new_place(root, Wanted("switched", "siyang"))
    assert about(root, "switched")["settings"]["switches"]["value"]["clueHandling"] is True
    triage = (root / "bpmn/switched/switched_clue_triage.bpmn").read_text("utf-8")
    (task,) = re.findall(r'<bpmn:businessRuleTask [^>]*decisionRef="switched_triage".*?</bpmn:businessRuleTask>', triage, re.S)
    assert '<camunda:inputParameter name="switches"><camunda:script scriptFormat="feel">setting(&quot;switches&quot;)' in task
    cases = cast(dict[str, Any], read_yaml((root / "dmn/switched/switched_common.cases.yaml").read_bytes()))["decisions"]
    triaged = [case for case in cases if case["decision"] == "switched_triage"]
    assert {case["expect"]["rule"] for case in triaged} == {"T-off"}, "by itself the table knows nothing of the setting"
    assert all("重新算出" in case["source"] for case in triaged if case["expect"]["rule"] == "T-off" and "T" in case["name"])


def test_the_code_of_the_place_is_registered_once(root: Path) -> None:
    register = root / "dmn/common/places.dmn"
    made = new_place(root, Wanted("by_default", "shiyan"))
    assert made.place_code == "HB-BY-DEFAULT"
    assert register.read_text("utf-8").count('"HB-BY-DEFAULT"') == 1
    assert registered(root, "HB-BY-DEFAULT") is None


def test_what_the_source_inherits_comes_along_where_the_new_place_is_below_others(root: Path) -> None:
    new_place(root, Wanted("elsewhere", "siyang", parent="none"))
    document = about(root, "elsewhere")
    assert document["parent"] is None
    assert document["settings"].keys() >= about(ROOT, "jiangsu")["settings"].keys()
    new_place(root, Wanted("at_home", "shiyan"))
    assert about(root, "at_home")["settings"].keys() == about(ROOT, "shiyan")["settings"].keys()


WRONG = [
    (Wanted("siyang", "shiyan"), "'siyang' is taken"),
    (Wanted("Hubei2", "shiyan"), "is no name of a place"),
    (Wanted("../x", "shiyan"), "is no name of a place"),
    (Wanted("x" * 41, "shiyan"), "is no name of a place"),
    (Wanted("common", "shiyan"), "'common' is no place"),
    (Wanted("other", "common"), "'common' is no place"),
    (Wanted("other", "china"), "'china' is the nation"),
    (Wanted("other", "nowhere"), "'nowhere' is no place of .*places: .*siyang"),
    (Wanted("other", "../bpmn/siyang"), "'../bpmn/siyang' is no place of"),
    (Wanted("other", "siyang", code="32132"), "six digits"),
    (Wanted("other", "siyang", code="321323"), "is that of siyang"),
    (Wanted("other", "siyang", code="420381"), "does not lie in suqian"),
    (Wanted("other", "chongqing", code="510100", parent="chongqing"), "510100 does not lie in chongqing"),
    (Wanted("other", "chenzhou", code="431102", parent="chenzhou"), "431102 does not lie in chenzhou"),
    (Wanted("other", "shiyan", code="330200", parent="hubei_zone"), "330200 does not lie in hubei "),
    (Wanted("other", "siyang", parent="nowhere"), "--parent 'nowhere' is no place"),
    (Wanted("other", "siyang", parent="common"), "--parent 'common' is no place"),
    (Wanted("other", "siyang", place_code="js-sq"), "is no code of a place"),
    (Wanted("other", "siyang", place_code="HB-SY"), "the code HB-SY is that of shiyan"),
    (Wanted("other", "siyang", display="<b>"), "without < > &"),
    (Wanted("other", "siyang", display="泗阳县"), "泗阳县 is the name of siyang"),
    (Wanted("other", "siyang", parent="suqian", place_code="HB-OTHER"), "HB-OTHER begins with the code of hubei"),
    (Wanted("other", "siyang", parent="none", place_code="HBX"), "HBX begins with the code of hubei"),
    (Wanted("other", "anxiang"), "'anxiang' is a comparator"),
    (Wanted("other", "shiyan", parent="jiangsu"), r"runs tables or diagrams of hubei \(湖北省\).*below hubei.*stands alone: .*siyang"),
    (Wanted("other", "wuxi", parent="none"), "runs tables or diagrams of jiangsu .*no such place above"),
    (Wanted("other", "suqian", parent="hubei"), "runs tables or diagrams of jiangsu"),
    (Wanted("other", "xcity"), "runs tables or diagrams of hubei"),
]


@pytest.mark.parametrize(("wanted", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wish_that_cannot_be_met_is_told_and_nothing_is_written(root: Path, wanted: Wanted, message: str) -> None:
    before = sorted(root.rglob("*"))
    with pytest.raises(CommandError, match=message):
        new_place(root, wanted)
    assert sorted(root.rglob("*")) == before


def test_a_tree_without_tables_gets_no_half_a_place(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bpmn", tmp_path / "bpmn")
    with pytest.raises(CommandError, match="has no dmn/"):
        new_place(tmp_path, Wanted("half", "siyang"))
    assert not (tmp_path / "bpmn/half").exists()


def test_a_copy_below_the_place_whose_tables_it_asks_is_made(root: Path) -> None:
    assert new_place(root, Wanted("in_the_zone", "shiyan", parent="hubei_zone")).parent == "hubei_zone"


COUNTS = re.compile(r"[0-9]+ ?[种个](?:条件|情形)|已知 0 / ")


@pytest.mark.parametrize("source", ["siyang", "hubei", "jiangsu", "tongren"])
def test_what_the_source_counts_is_marked_and_the_number_of_a_step_is_not(root: Path, source: str) -> None:
    name = f"counted_{source[:2]}"
    new_place(root, Wanted(name, source))
    for path in (
        found for kind in ("bpmn", "dmn") for found in (root / kind / name).rglob("*") if found.suffix in (".bpmn", ".dmn", ".form")
    ):
        text = path.read_text("utf-8")
        assert not re.search(r"缺省 \[D\][^\"<]*依据）：S\d\"", text), path
        told = re.findall(
            r'<(?:text|bpmn:text|description|bpmn:documentation)>(.*?)<|"(?:text|label|description)": "(.*?)",?\n', text, re.S
        )
        assert [words for found in told for words in found if COUNTS.search(words) and "照搬自" not in words] == [], path
    if source in ("siyang", "hubei"):
        assert '<text>"S2"</text>' in (root / f"dmn/{name}/{name}_tolerance.dmn").read_text("utf-8")


def test_a_copy_of_a_copy_says_whose_the_words_are_once(root: Path) -> None:
    new_place(root, Wanted("first_copy", "shiyan", "甲市"))
    new_place(root, Wanted("second_copy", "first_copy", "乙市"))
    for path in [
        found for kind in ("bpmn", "dmn") for found in (root / kind / "second_copy").rglob("*") if found.suffix in (".bpmn", ".dmn")
    ]:
        marks = [re.findall("照搬自([^、]+)、待核实", words) for found in PROSE.findall(path.read_text("utf-8")) for words in found]
        assert all(found in ([], ["十堰市"], ["甲市"]) for found in marks), path
    tolerance = (root / "dmn/second_copy/second_copy_tolerance.dmn").read_text("utf-8")
    assert "照搬自十堰市、待核实（所引是十堰市的依据）" in tolerance
    assert about(root, "second_copy")["copiedFrom"] == "first_copy"


def test_a_word_template_tells_of_itself_that_it_is_copied(root: Path) -> None:
    new_place(root, Wanted("with_papers", "model_defence"))
    papers = list((root / "bpmn/with_papers/documents").glob("*.docx"))
    assert papers
    for path in papers:
        properties = zipfile.ZipFile(path).read("docProps/core.xml").decode("utf-8")
        assert all(told.startswith("缺省 [D]，照搬自") for told in re.findall("<dc:description>([^<]+)<", properties))


def test_a_place_that_goes_by_another_name_is_renamed_in_that_name_too(root: Path) -> None:
    new_place(root, Wanted("trial", "guangdong_ftz", "某试验区"))
    text = (root / "dmn/trial/trial_tolerance.dmn").read_text("utf-8")
    assert 'name="某试验区容错决策"' in text
    assert [line for line in text.splitlines() if "广东自贸试验区" in line and "照搬自" not in line] == []


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_disk_that_fails_leaves_nothing_half_written(root: Path, failing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before, moves = listing(root), []
    replace = os.replace

    def full(source: Path, target: Path) -> None:
        moves.append(target)
        if len(moves) == failing:
            raise OSError(28, "No space left on device", str(target))
        replace(source, target)

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(CommandError, match="No space left on device; nothing was written"):
        new_place(root, Wanted("halfway", "shiyan"))
    assert listing(root) == before


def test_the_command_tells_what_to_do_next(root: Path) -> None:
    told = CliRunner().invoke(app, ["new-jurisdiction", "told", str(root), "--from", "taizhou", "--name", "某市"])
    assert told.exit_code == 0, told.output
    assert "2 files: bpmn/told\n" in told.output
    assert "not one rule of it is the new place's" in told.output


def test_pages_that_cannot_be_written_leave_the_place_and_say_so(root: Path) -> None:
    (root / "docs/jurisdictions").mkdir(parents=True)
    # A page is to stand where a folder is.
    (root / "docs/jurisdictions/unpaged.md").mkdir()
    told = CliRunner().invoke(app, ["new-jurisdiction", "unpaged", str(root), "--from", "taizhou"])
    shutil.rmtree(root / "docs")
    assert told.exit_code == 1
    assert isinstance(told.exception, CommandError)
    assert "unpaged.md" in str(told.exception)
    assert "the place is written (2 files, named above), its pages below docs/jurisdictions are not, or not all" in str(told.exception)
    assert "2 files: bpmn/unpaged\n" in told.output
    assert about(root, "unpaged")["copiedFrom"] == "taizhou"


NAMING = Naming("hubei", "湖北省", "HB", "lu", "某省", "X-LU", ("hubei_zone", "shiyan"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("hubei_tolerance Message_hubei_application 'hubei' dmn/hubei#x", "lu_tolerance Message_lu_application 'lu' dmn/lu#x"),
        ("hubei_zone_tolerance hubeix xhubei shiyan", "hubei_zone_tolerance hubeix xhubei shiyan"),
        ('"HB", HB-T1, "HB-SY", XHB', '"X-LU", HB-T1, "HB-SY", XHB'),
    ],
)
def test_only_what_is_the_sources_is_renamed(before: str, after: str) -> None:
    assert NAMING.renamed(before) == after


def test_titles_change_their_name_and_words_of_the_source_are_marked() -> None:
    assert NAMING.titled("湖北省容错纠错程序（湖北）") == "某省容错纠错程序（某省）"
    assert NAMING.marked("缺省 [D]：三日") == "缺省 [D]：三日"
    assert NAMING.marked("[S3「六看」]").startswith("缺省 [D]，照搬自湖北省、待核实")
    assert NAMING.marked(NAMING.marked("[S3「六看」]")) == NAMING.marked("[S3「六看」]")
    assert NAMING.marked_lines("### 决定\nS3「六看」").split("\n")[0] == "### 决定"
    assert NAMING.marked("PREC-U04") == "PREC-U04"


def test_what_the_law_says_of_every_place_stays_as_it_is() -> None:
    rule = '<rule id="r"><description>{}</description><outputEntry id="o"><text>"LAW"</text></outputEntry></rule>'
    law = rule.format("法律规定：监察法 [L-JC「监察法第六十七条」]")
    assert decisions_of(law, NAMING, of_the_place=True) == law
    assert '"DEFAULT"' in decisions_of(rule.format("做法 [S3「六看」]"), NAMING, of_the_place=True)
