"""Commands about the rules: rules evaluate."""

import typer

from app.cli import evaluating

rules_app = typer.Typer(help="The rules: score them on recorded homes", no_args_is_help=True)
evaluating.add_to(rules_app)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(rules_app, name="rules")


@rules_app.callback()
def rules() -> None:
    """Keep the commands in their group, however many there are."""
