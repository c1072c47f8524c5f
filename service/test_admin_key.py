"""Where the administrator's key comes from, and what is said about it."""

from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from service import admin_key
from service.settings import Settings

SHARED = "postgresql://u@127.0.0.1:1/x"
GIVEN = "given-to-every-replica"


@pytest.mark.parametrize(("url", "key", "warnings"), [(SHARED, None, 1), (SHARED, GIVEN, 0), ("sqlite:///x.db", None, 0), (None, None, 0)])
def test_a_key_of_its_own_beside_a_shared_database_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str | None, key: str | None, warnings: int
) -> None:
    monkeypatch.setattr(admin_key, "log", structlog.get_logger())
    settings = Settings.model_validate({"database_url": url, "admin_key": key, "data_dir": tmp_path})
    with capture_logs() as logged:
        secret = admin_key.admin_secret(settings)

    assert secret == (key or (tmp_path / "admin-key").read_text().strip())
    warned = [line for line in logged if line["log_level"] == "warning"]
    assert len(warned) == warnings
    assert all("RONGJIU_ADMIN_KEY" in str(line["event"]) for line in warned)
    assert secret not in str(logged)


@pytest.mark.parametrize("content", [b"short", "密钥密钥密钥密钥密钥密钥密钥密钥".encode()])
def test_an_unusable_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "admin-key").write_bytes(content)
    with pytest.raises(ValueError, match="no usable admin key"):
        admin_key.admin_secret(Settings.model_validate({"data_dir": tmp_path}))
