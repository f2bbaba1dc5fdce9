"""The settings. No other module reads the environment."""

from __future__ import annotations

import os
import warnings
from datetime import time, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.liveness import DEFAULT_LIVENESS, Liveness

RENAMED = {
    "NETONE_MOST_ROWS": "NETONE_MAX_ROWS",
    "NETONE_MOST_COLUMNS": "NETONE_MAX_COLUMNS",
    "NETONE_LONGEST_ROW": "NETONE_MAX_ROW_BYTES",
    "NETONE_LONGEST_CELL": "NETONE_MAX_CELL_BYTES",
    "NETONE_MOST_UNPACKED": "NETONE_MAX_UNPACKED_BYTES",
    "NETONE_MOST_TRAINING": "NETONE_MAX_TRAINING_BYTES",
}
"""Earlier names of settings, which work until version 0.3, with the present ones."""


class Settings(BaseSettings):
    """Technical settings, read from the environment variables `NETONE_<FIELD>`.

    Business settings are stored in the database (InstallationPolicy).
    """

    model_config = SettingsConfigDict(env_prefix="NETONE_", frozen=True)

    data_dir: Path = Path("instance")
    database_url: str | None = None
    """Database URL. None: SQLite in the data directory."""
    queue_url: str | None = None
    """Queue URL, redis://…. None: an SQLite file in the data directory."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names that the site accepts; empty: any name of this machine."""
    https: bool = False
    """Whether the site is served over TLS; enables secure cookies and HSTS."""
    proxies: int = 0
    """Number of reverse proxies in front of the site that set X-Forwarded-*."""
    bcrypt_cost: int | None = Field(default=None, ge=4, le=20)
    """bcrypt cost. None: measured on this machine at the first start and stored in the data directory."""
    breached_passwords: Path | None = None
    """File of breached passwords to reject: plain text, or sorted SHA-1 hashes."""
    max_rows: int = Field(default=50_000_000, ge=1)
    """Maximum rows of a customer file."""
    reserve_bytes: int = Field(default=256 * 1024**2, ge=0)
    """Bytes of disk space that uploads, results, models and exports leave free, so that deleting still works."""
    max_columns: int = Field(default=5_000, ge=1)
    max_row_bytes: int = Field(default=1024**2, ge=1024)
    """Maximum bytes of one row, including line ends inside quotes."""
    max_cell_bytes: int = Field(default=64 * 1024, ge=64)
    """Maximum bytes of one cell; a row with a longer cell is rejected."""
    backup_dir: Path | None = None
    """Folder for nightly backups. None: no nightly backups."""
    backup_keep: int = Field(default=7, ge=1)
    """Number of days for which every nightly backup is kept."""
    backup_keep_weeks: int = Field(default=4, ge=0)
    """Number of weeks for which the last backup of each week is kept."""
    backup_at: time = time(2, 30)
    """Time of day of the nightly backup, in the installation's time zone."""
    folders: Path | None = None
    """Folder below which administrators choose watched folders. None: `folders` in the data directory."""
    folder_seconds: float = Field(default=5.0, ge=0.05)
    """Seconds between two looks at the watched folders. A file is taken once it is unchanged for twice as long."""
    max_unpacked_bytes: int = Field(default=4 * 1024**3, ge=1024**2)
    """Maximum bytes of a compressed file after decompression."""
    max_training_bytes: int = Field(default=1024**3, ge=1024**2)
    """Maximum bytes of a labelled file after decompression; training holds several copies in memory."""
    threads: int = 8
    worker_threads: int = Field(default=2, ge=1)
    """Concurrent jobs of a worker. With two or more, one is reserved for small jobs."""
    worker_jobs: int = Field(default=100, ge=0)
    """Jobs after which `netone serve` replaces its worker process, which bounds its memory; 0: never."""
    worker_niceness: int = Field(default=10, ge=0, le=19)
    """Nice value of worker processes (POSIX), so that the web server gets CPU time first; 0: same priority."""
    silent_seconds: float = Field(default=DEFAULT_LIVENESS.silent_after.total_seconds(), ge=0.5)
    """Seconds without a heartbeat after which a worker counts as silent: its jobs are requeued and a banner appears."""
    api_requests_per_minute: int = Field(default=600, ge=1)
    """Requests to the API that one token may make in a minute, for each process of the web server."""
    waiting_per_person: int = Field(default=20, ge=1)
    """Maximum number of queued files per user."""
    beat_seconds: float = Field(default=5.0, ge=0.05)
    """Seconds between two heartbeats of a worker."""
    resume_seconds: float = Field(default=10.0, ge=0.05)
    """Seconds between two checks for queued jobs whose message was lost."""
    test: bool = False
    log_format: Literal["auto", "json", "text"] = "auto"
    """json, text, or auto: text if stderr is a terminal, otherwise JSON lines."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_addresses: bool = False
    """Whether request log lines include the client's IP address, which is personal data."""
    log_error_text: bool = False
    """Whether the text of every exception is logged; the text may quote values from customer files."""
    slow_ms: int = Field(default=1000, ge=1)
    """Milliseconds after which a request is logged as slow."""
    metrics_token: SecretStr | None = Field(default=None, min_length=16)
    """Bearer token for /metrics. None: only direct requests from this machine are accepted."""

    @model_validator(mode="before")
    @classmethod
    def _earlier_names(cls, given: dict[str, object]) -> dict[str, object]:
        for old, new in RENAMED.items():
            if old not in os.environ:
                continue
            warnings.warn(f"{old} is now called {new}. The old name stops working in version 0.3.", FutureWarning, 2)
            given.setdefault(new.removeprefix("NETONE_").lower(), os.environ[old])
        return given

    @property
    def folder(self) -> Path:
        return self.data_dir.expanduser().resolve()

    @property
    def sql_url(self) -> str:
        return self.database_url or f"sqlite:///{self.folder / 'netone.db'}"

    @property
    def watched_root(self) -> Path:
        return self.folders.expanduser().resolve() if self.folders else self.folder / "folders"

    @property
    def queue_file(self) -> Path:
        return self.folder / "queue.db"

    @property
    def liveness(self) -> Liveness:
        return Liveness(timedelta(seconds=self.silent_seconds))

    @property
    def scratch(self) -> Path:
        return self.folder / "tmp"
