"""Settings, taken from the environment with the prefix RONGJIU_ (RONGJIU_PORT=8080)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.documents.file_types import MEDIA_TYPES
from service.domain.evidence import DEFAULT_MAX_BYTES, MEGABYTE
from service.domain.external_task import DEFAULT_RETRIES

MIN_KEY_LENGTH = 16


def procedures_root() -> Path:
    """The folder that holds bpmn/ and dmn/: inside the installed package, else the checked-out project."""
    installed = Path(__file__).parent / "procedures"
    return installed if installed.is_dir() else Path(__file__).parent.parent


class Settings(BaseSettings):
    """All settings of the service. Without any, it runs embedded: SQLite in ./var, worker inside, on 127.0.0.1:8000."""

    model_config = SettingsConfigDict(env_prefix="RONGJIU_", extra="ignore", frozen=True, hide_input_in_errors=True)

    database_url: str | None = Field(
        None, description="`postgresql://user@host/name` or `sqlite:///path`. Not given: SQLite in DATA_DIR, in embedded mode."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on.")
    admin_key: SecretStr | None = Field(
        None,
        description=f"The administrator's API key (at least {MIN_KEY_LENGTH} visible ASCII characters). "
        "Not given: generated at the first start into DATA_DIR/admin-key.",
    )
    data_dir: Path = Field(
        Path("var"), description="Where the embedded database, the generated admin key and the heartbeat of `rongjiu worker` are kept."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="What is logged: this level and above.")
    step_seconds: float = Field(
        10.0, gt=0, le=60, description="Seconds one step of an instance may take; beyond it the step is undone and becomes an incident."
    )
    external_retries: int = Field(
        DEFAULT_RETRIES, ge=1, le=1_000_000, description="How often an external task may be tried when its worker does not say how often."
    )
    attachment_bytes: int = Field(
        DEFAULT_MAX_BYTES, ge=1, le=60 * MEGABYTE, description="Bytes one attachment may have (缺省 [D]: 20 MB, no source gives a limit)."
    )
    attachment_types: Annotated[tuple[str, ...] | None, NoDecode] = Field(
        None,
        description="Media types that may be attached, with commas between (缺省 [D]: all that the service can tell by their content).",
    )
    builtin_procedures: bool = Field(True, description="Deploy the procedures that come with the service, where they changed, at start.")

    @field_validator("attachment_types", mode="before")
    @classmethod
    def _known_types(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        named = tuple(part.strip() for part in value.split(",") if part.strip())
        unknown = [one for one in named if one not in MEDIA_TYPES]
        if unknown:
            raise ValueError(f"no type that can be told by its content: {unknown[0]}; known are {', '.join(MEDIA_TYPES)}")
        return named or None

    @field_validator("database_url", "admin_key", mode="before")
    @classmethod
    def _empty_is_not_given(cls, value: object) -> object:
        # Compose files pass unset variables as empty text.
        return None if value == "" else value

    @field_validator("admin_key")
    @classmethod
    def _usable_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            secret = value.get_secret_value()
            if len(secret) < MIN_KEY_LENGTH or not all("!" <= character <= "~" for character in secret):
                raise ValueError(f"the admin key needs at least {MIN_KEY_LENGTH} visible ASCII characters")
        return value

    @property
    def embedded(self) -> bool:
        """True when nobody named a database: one process with its own SQLite file and its own worker."""
        return self.database_url is None

    @property
    def effective_database_url(self) -> str:
        """The database's URL, given or embedded."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'rongjiu.db').absolute().as_posix()}"

    @property
    def worker_heartbeat_file(self) -> Path:
        """Touched by `rongjiu worker` as long as its polls succeed."""
        return self.data_dir / "worker-heartbeat"

    @property
    def admin_key_file(self) -> Path:
        """Where a generated admin key is kept."""
        return self.data_dir / "admin-key"
