"""`netone user` and `netone customers`."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from domain.account import Role
from entrypoints.commands.console import JSON, Context, say, show_json


@click.group()
def user() -> None:
    """Manage user accounts."""


@user.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), default="analyst", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@JSON
@click.pass_obj
def add_user(obj: Context, email: str, name: str, role: str, password_stdin: bool, as_json: bool) -> None:
    """Create an account."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    account = obj.application.administration.add_account(name, email, password, Role(role), by=obj.operator)
    if as_json:
        show_json({"email": account.email, "name": account.name, "role": account.role.value})
    else:
        say(f"{account.email} can log in as {account.role.label.lower()}.")


@user.command("reset-factor")
@click.argument("email")
@JSON
@click.pass_obj
def reset_factor(obj: Context, email: str, as_json: bool) -> None:
    """Remove a user's second factor and recovery codes, for example after a lost phone. Ends their sessions."""
    account = obj.application.second_factor.reset_second_factor_of(email, by=obj.operator)
    if as_json:
        show_json({"email": account.email, "second_factor": False})
    else:
        say(f"{account.email} can log in with just the password, and can set up a second factor again.")


@click.group()
def customers() -> None:
    """Export or erase all stored data of one customer."""


@customers.command("erase")
@click.argument("customer_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@JSON
@click.pass_obj
def erase_customer(obj: Context, customer_id: str, yes: bool, as_json: bool) -> None:
    """Permanently erase a customer from contact lists, results and uploads."""
    if not yes and sys.stdin.isatty():
        click.confirm(f"Permanently erase all stored data of customer {customer_id}?", abort=True, err=True)
    erased = obj.application.privacy.erase_customer(customer_id, by=obj.operator)
    if as_json:
        show_json({"erased": customer_id, "found": asdict(erased)})
    else:
        say("All stored data of the customer was erased.")
        if erased.stays_listed:
            say("The do-not-contact list keeps the id, so that nobody contacts the customer.")


@customers.command("export")
@click.argument("customer_id", metavar="ID")
@click.pass_obj
def export_customer(obj: Context, customer_id: str) -> None:
    """Print all stored data of a customer as JSON."""
    show_json(obj.application.privacy.export_customer(customer_id, by=obj.operator))
