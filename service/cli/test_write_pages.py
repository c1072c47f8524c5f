"""Pages on disk: written, found stale, mended."""

import shutil
from pathlib import Path

from service.cli.write_pages import stale_pages, write_pages

ROOT = Path(__file__).parents[2]


def test_pages_are_stale_until_they_are_written_and_again_when_the_folder_changes(tmp_path: Path) -> None:
    root, folder = tmp_path, tmp_path / "pages"
    shutil.copytree(ROOT / "bpmn" / "taizhou", root / "bpmn" / "taizhou")
    assert stale_pages(root, folder) == [Path("README.md"), Path("defaults.md"), Path("taizhou.md")]
    assert write_pages(root, folder) == [Path("README.md"), Path("defaults.md"), Path("taizhou.md")]
    assert stale_pages(root, folder) == []
    about = root / "bpmn" / "taizhou" / "jurisdiction.yaml"
    about.write_text(about.read_text().replace("泰州市", "改名市"))
    (folder / "gone.md").write_text("of a place that is no more")
    assert write_pages(root, folder) == [Path("README.md"), Path("gone.md"), Path("taizhou.md")]
    assert stale_pages(root, folder) == []
    assert "改名市" in (folder / "taizhou.md").read_text()
