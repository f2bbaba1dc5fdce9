"""`netone`: serve, train, score and administer from the command line."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from domain.errors import DomainError, StorageProblem
from entrypoints.commands.backups import backup, restore
from entrypoints.commands.campaigns import campaign
from entrypoints.commands.console import OURS, Context, fail, say
from entrypoints.commands.database import db
from entrypoints.commands.do_not_contact import do_not_contact
from entrypoints.commands.format_options import with_options
from entrypoints.commands.labelling import label
from entrypoints.commands.matches import matches
from entrypoints.commands.models import models
from entrypoints.commands.people import customers, user
from entrypoints.commands.runs import runs
from entrypoints.commands.sampling import sample
from entrypoints.commands.scoring import evaluate, score
from entrypoints.commands.serving import serve, worker
from entrypoints.commands.storage import storage
from entrypoints.commands.training import train
from entrypoints.commands.watching import watch
from entrypoints.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="The data directory (NETONE_DATA_DIR; default instance/).",
)
@click.version_option(package_name="netone-churn", prog_name="netone")
@click.pass_context
def netone(ctx: click.Context, data_dir: Path | None) -> None:
    """Predict which customers will leave, why, what to do about it, and what it is worth."""
    settings = Settings(data_dir=data_dir) if data_dir else Settings()
    ctx.obj = Context(settings)
    ctx.call_on_close(ctx.obj.close)


COMMANDS = (
    *(
        serve,
        worker,
        train,
        label,
        score,
        evaluate,
        sample,
        models,
        runs,
        user,
        customers,
        campaign,
        do_not_contact,
        db,
        storage,
        matches,
        watch,
    ),
    *(backup, restore),
)
for command in COMMANDS:
    netone.add_command(command)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command. Invalid input prints one line on stderr and exits with 2; any other failure exits with 1."""
    try:
        sys.exit(netone.main(arguments, prog_name="netone", standalone_mode=False) or 0)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "netone"
        fail(f"{error.format_message()} Help: {command} --help")
    except click.ClickException as error:
        fail(error.format_message())
    except StorageProblem as error:
        say(f"netone: {error} {error.todo}")
        sys.exit(OURS)
    except DomainError as error:
        fail(with_options(error))
    except UnicodeDecodeError as error:
        fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        fail("stopped.")
    except BrokenPipeError:
        sys.exit(OURS)
    except Exception as error:
        if os.environ.get("NETONE_TRACE"):
            raise
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS):
            where = f": {error.filename}" if error.filename else ""
            say(f"netone: {error.strerror}{where}. Nothing else was changed. Free space and try again.")
            sys.exit(OURS)
        say(f"netone: an unexpected error occurred ({type(error).__name__}: {error}). Set NETONE_TRACE=1 to see where.")
        sys.exit(OURS)


if __name__ == "__main__":
    main()
