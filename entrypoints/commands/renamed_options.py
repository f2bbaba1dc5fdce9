"""Earlier spellings of options. They work for one version, with a warning on standard error."""

from __future__ import annotations

import click


class RenamedOptions(click.Command):
    """A command whose options were renamed. Set `renamed` to a dictionary from the old spelling to the new one."""

    renamed: dict[str, str]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [self._current(arg) for arg in args])

    def _current(self, arg: str) -> str:
        spelling, equals, value = arg.partition("=")
        if spelling not in self.renamed:
            return arg
        current = self.renamed[spelling]
        click.echo(f"{spelling} is now called {current}. The old spelling stops working in version 0.3.", err=True)
        return current + equals + value


def renamed(old: dict[str, str]) -> type[RenamedOptions]:
    """The class of a command that still understands the old spellings, for `@click.command(cls=…)`."""
    return type("RenamedOptionsOf", (RenamedOptions,), {"renamed": old})
