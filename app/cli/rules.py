"""Commands about the rules: rules evaluate, rules why."""

import typer

from app.cli import evaluating, explaining

rules_app = typer.Typer(help="The rules: score them on recorded homes, ask them why", no_args_is_help=True)
evaluating.add_to(rules_app)
explaining.add_to(rules_app)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(rules_app, name="rules")


@rules_app.callback()
def rules() -> None:
    """Keep the commands in their group, however many there are."""
