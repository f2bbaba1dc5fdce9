"""`netone serve` and `netone worker`."""

from __future__ import annotations

import os
import sys
import threading
from ipaddress import ip_address
from typing import Any

import click

from entrypoints.application import Application
from entrypoints.commands.console import Context, fail
from entrypoints.observability.logs import get_logger, start_logging
from entrypoints.settings import Settings

log = get_logger("netone.serve")

FORM_ROOM = 1024**2
"""Bytes for the other fields of a form with a file; the application checks the exact size."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_obj
def serve(obj: Context, host: str, port: int) -> None:
    """Run the web application and one worker until Ctrl-C."""
    from waitress import create_server

    from entrypoints.body_limit import limit_bodies
    from entrypoints.bootstrap import create_application
    from entrypoints.connection_limits import WAITRESS_LIMITS, limit_connections, raise_file_limit
    from entrypoints.reserved_threads import reserve_threads
    from entrypoints.supervisor import WorkerProcess

    start_logging(obj.settings)
    raise_file_limit()
    app = create_application(with_local_hosts(obj.settings, host))
    application: Application = app.extensions["netone"]
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=obj.settings.threads,
            ident=None,
            max_request_body_size=64 * 1024**3,
            **WAITRESS_LIMITS,
            clear_untrusted_proxy_headers=False,  # `request_log` removes them and records that they existed
        )
    except OSError as error:
        fail(f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose another with --port.")
    limit_bodies(server, lambda: _max_body_size(application))
    limit_connections(server, per_address=not obj.settings.proxies)
    reserve_threads(server)
    worker = WorkerProcess(obj.settings.folder)
    worker.start()
    _print_address(application, host, port)
    threading.Thread(target=_prepare_starter, args=(application,), daemon=True).start()
    _stop_on_signal(server, worker)
    server.run()


def with_local_hosts(settings: Settings, host: str) -> Settings:
    """Allow only local host names if the server is bound to loopback and no host names are configured."""
    from entrypoints.web.hosts import LOCAL_HOSTS

    if settings.allowed_hosts or not _is_loopback(host):
        return settings
    return settings.model_copy(update={"allowed_hosts": LOCAL_HOSTS})


def _is_loopback(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _max_body_size(application: Application) -> int:
    """The size in bytes of a form with the largest file that the installation accepts."""
    return application.administration.read_settings().upload_limit + FORM_ROOM


def _print_address(application: Application, host: str, port: int) -> None:
    """Print the address on stdout; stderr has only log lines."""
    printed_host = f"[{host}]" if ":" in host else host
    base = f"http://{'127.0.0.1' if printed_host == '0.0.0.0' else printed_host}:{port}"  # noqa: S104 (compared, not bound)
    click.echo(f"NetOne Churn is at {base}")
    token = application.accounts.create_set_up_link()
    if token:
        click.echo(f"Create the administrator with this one-time link: {base}/setup/{token}")
    click.echo("Stop with Ctrl-C.")


def _prepare_starter(application: Application) -> None:
    try:
        application.models.ensure_starter()
    except Exception:
        log.exception("the starter model could not be queued")


def _stop_on_signal(server: Any, worker: Any) -> None:
    """On Ctrl-C or a service manager's signal: finish current requests, stop the worker, and exit."""
    import signal

    def end() -> None:
        server.task_dispatcher.shutdown(cancel_pending=False, timeout=5)
        worker.stop()
        sys.stderr.flush()
        os._exit(0)  # a normal exit makes native libraries in other threads print errors; everything is already stored

    def stop(*_: object) -> None:
        threading.Thread(target=end, name="stop").start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


@click.command()
@click.option("--replaceable", is_flag=True, hidden=True, help="End after NETONE_WORKER_JOBS jobs (set by serve).")
@click.pass_obj
def worker(obj: Context, replaceable: bool) -> None:
    """Run an additional worker, which takes jobs from the queue until Ctrl-C."""
    from entrypoints.bootstrap import build_worker
    from entrypoints.supervisor import REPLACE
    from entrypoints.worker import Pace, give_way, work

    start_logging(obj.settings)
    give_way(obj.settings.worker_niceness)
    lock = obj.closed.enter()  # held until the process ends
    application, jobs = build_worker(obj.settings)
    application.maintenance.upgrade_database()
    if replaceable:
        application.jobs.claims.max_jobs = obj.settings.worker_jobs
    work(
        application,
        jobs,
        name=application.jobs.claims.process,
        workers=obj.settings.worker_threads,
        pace=Pace(
            heartbeat=obj.settings.beat_seconds,
            resume=obj.settings.resume_seconds,
            folders=obj.settings.folder_seconds,
        ),
    )
    lock.release()
    sys.stderr.flush()
    # A normal exit makes native libraries print errors, as in serve. Everything is already stored.
    os._exit(REPLACE if application.jobs.claims.finished else 0)
