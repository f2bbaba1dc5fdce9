"""`netone serve` and `netone worker`."""

from __future__ import annotations

import os
import sys
import threading
from ipaddress import ip_address
from typing import Any

import click

from entrypoints.commands.console import Context, fail
from entrypoints.desk import Desk
from entrypoints.observability.logs import get_logger, start_logging
from entrypoints.settings import Settings

log = get_logger("netone.serve")

FORM_ROOM = 1024**2
"""Bytes of a form beside its file; the application counts exactly."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_obj
def serve(obj: Context, host: str, port: int) -> None:
    """The web application and one worker, until Ctrl-C."""
    from waitress import create_server

    from entrypoints.body_limit import limit_bodies
    from entrypoints.bootstrap import create_application
    from entrypoints.connection_limits import WAITRESS_LIMITS, limit_connections, raise_file_limit
    from entrypoints.reserved_threads import reserve_threads
    from entrypoints.supervisor import WorkerProcess

    start_logging(obj.settings)
    raise_file_limit()
    app = create_application(with_local_hosts(obj.settings, host))
    desk: Desk = app.extensions["netone"]
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=obj.settings.threads,
            ident=None,
            max_request_body_size=64 * 1024**3,
            **WAITRESS_LIMITS,
            clear_untrusted_proxy_headers=False,  # `request_log` removes them, and remembers that there were some
        )
    except OSError as error:
        fail(f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose another with --port.")
    limit_bodies(server, lambda: _longest_body(desk))
    limit_connections(server, per_address=not obj.settings.proxies)
    reserve_threads(server)
    worker = WorkerProcess(obj.settings.folder)
    worker.start()
    _greet(desk, host, port)
    threading.Thread(target=_prepare_starter, args=(desk,), daemon=True).start()
    _stop_on_signal(server, worker)
    server.run()


def with_local_hosts(settings: Settings, host: str) -> Settings:
    """Where only this machine can connect and no names are configured, only its own names are answered."""
    from entrypoints.web.hosts import LOCAL_HOSTS

    if settings.allowed_hosts or not _is_loopback(host):
        return settings
    return settings.model_copy(update={"allowed_hosts": LOCAL_HOSTS})


def _is_loopback(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _longest_body(desk: Desk) -> int:
    """A form with the largest file that the installation takes."""
    with desk.new_reading() as uow:
        return uow.policies.get().upload_limit + FORM_ROOM


def _greet(desk: Desk, host: str, port: int) -> None:
    """On stdout: stderr has log lines alone."""
    shown = f"[{host}]" if ":" in host else host
    base = f"http://{'127.0.0.1' if shown == '0.0.0.0' else shown}:{port}"  # noqa: S104 (compared, not bound)
    click.echo(f"NetOne Churn is at {base}")
    token = desk.offer_set_up()
    if token:
        click.echo(f"Create the administrator with this one-time link: {base}/setup/{token}")
    click.echo("Stop with Ctrl-C.")


def _prepare_starter(desk: Desk) -> None:
    try:
        desk.ensure_starter()
    except Exception:
        log.exception("the starter model could not be queued")


def _stop_on_signal(server: Any, worker: Any) -> None:
    """Answer what is under way, end the worker, and be gone: on Ctrl-C as on a service manager's signal."""
    import signal

    def end() -> None:
        server.task_dispatcher.shutdown(cancel_pending=False, timeout=5)
        worker.stop()
        sys.stderr.flush()
        os._exit(0)  # native libraries of other threads complain at a slower exit; nothing is left to save

    def stop(*_: object) -> None:
        threading.Thread(target=end, name="stop").start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


@click.command()
@click.pass_obj
def worker(obj: Context) -> None:
    """A further worker: takes jobs from the queue until Ctrl-C."""
    from entrypoints.bootstrap import build_worker
    from entrypoints.wiring.backups import enter
    from entrypoints.wiring.ports import worker_name
    from entrypoints.worker import Pace, give_way, work

    start_logging(obj.settings)
    give_way(obj.settings.worker_niceness)
    lock = enter(obj.settings)  # held until the process ends
    desk, jobs = build_worker(obj.settings)
    desk.upgrade_database()
    work(
        desk,
        jobs,
        name=worker_name(),
        workers=obj.settings.worker_threads,
        pace=Pace(beat=obj.settings.beat_seconds, resume=obj.settings.resume_seconds),
    )
    lock.release()
    sys.stderr.flush()
    os._exit(0)  # as in serve: native libraries complain at a slower exit, and nothing is left to save
