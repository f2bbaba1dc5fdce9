"""The only reader of the environment."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.liveness import Liveness


class Settings(BaseSettings):
    """What the machine decides; what the business decides lives in the database (InstallationPolicy).

    Every field is read from `NETONE_<FIELD>`.
    """

    model_config = SettingsConfigDict(env_prefix="NETONE_", frozen=True)

    data_dir: Path = Path("instance")
    database_url: str | None = None
    """None: SQLite in the data directory."""
    queue_url: str | None = None
    """None: the queue's own SQLite file; else redis://…"""
    allowed_hosts: tuple[str, ...] = ()
    """Host names under which the site may be asked for; empty: any on this machine."""
    https: bool = False
    """Whether the site is behind TLS: secure cookies and HSTS."""
    proxies: int = 0
    """How many reverse proxies stand in front and set X-Forwarded-*."""
    bcrypt_cost: int | None = Field(default=None, ge=4, le=20)
    """None: what this machine can bear, measured once and kept in the data directory."""
    breached_passwords: Path | None = None
    """A list of breached passwords that nobody may choose: plain words, or sorted SHA-1 hashes."""
    most_rows: int = Field(default=50_000_000, ge=1)
    """Rows that a customer file may have."""
    reserve_bytes: int = Field(default=256 * 1024**2, ge=0)
    """Bytes of the disk that uploads, results, models and exports leave free, so that deleting works."""
    most_columns: int = Field(default=5_000, ge=1)
    longest_row: int = Field(default=1024**2, ge=1024)
    """Bytes in one row of a file, line ends inside quotes included."""
    longest_cell: int = Field(default=64 * 1024, ge=64)
    """Bytes in one cell; the row of a longer one is set aside."""
    backup_dir: Path | None = None
    """Where a worker puts a backup every night; None: no nightly backups."""
    backup_keep: int = Field(default=7, ge=1)
    """Days for which every nightly backup is kept."""
    backup_keep_weeks: int = Field(default=4, ge=0)
    """Weeks for which the last backup of each week is kept."""
    backup_at: time = time(2, 30)
    """Time of day of the nightly backup, in the installation's time zone."""
    most_unpacked: int = Field(default=4 * 1024**3, ge=1024**2)
    """Bytes to which a compressed file may unpack."""
    most_training: int = Field(default=1024**3, ge=1024**2)
    """Bytes of text in a labelled file, unpacked: a training holds it in memory several times over."""
    threads: int = 8
    worker_threads: int = Field(default=2, ge=1)
    """Jobs at once. With two or more, one is kept for small jobs."""
    worker_niceness: int = Field(default=10, ge=0, le=19)
    """How far workers give way to the web server for processor time (POSIX); 0: not at all."""
    silent_seconds: float = Field(default=30.0, ge=0.5)
    """A worker without a heartbeat for so long counts as silent: its jobs are taken over, the banner says so."""
    waiting_per_person: int = Field(default=20, ge=1)
    """Files that one person may have waiting."""
    beat_seconds: float = Field(default=5.0, ge=0.05)
    """Seconds between two heartbeats of a worker."""
    resume_seconds: float = Field(default=10.0, ge=0.05)
    """Seconds between two looks for jobs that wait although no message came."""
    test: bool = False
    log_format: Literal["auto", "json", "text"] = "auto"
    """auto: JSON lines, or text where stderr is a terminal."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_addresses: bool = False
    """Whether request log lines have the client's IP address, which is personal data."""
    log_error_text: bool = False
    """Whether the text of every exception is logged; it may quote values from customer files."""
    slow_ms: int = Field(default=1000, ge=1)
    """Requests that take longer, in milliseconds, are logged as slow."""
    metrics_token: SecretStr | None = Field(default=None, min_length=16)
    """The bearer token for /metrics; None: only requests from this machine without a proxy."""

    @property
    def folder(self) -> Path:
        return self.data_dir.expanduser().resolve()

    @property
    def sql_url(self) -> str:
        return self.database_url or f"sqlite:///{self.folder / 'netone.db'}"

    @property
    def queue_file(self) -> Path:
        return self.folder / "queue.db"

    @property
    def liveness(self) -> Liveness:
        return Liveness(timedelta(seconds=self.silent_seconds))

    @property
    def scratch(self) -> Path:
        return self.folder / "tmp"
