"""Commands about the rules: their limits, tests of them, scores on recorded homes, and why they rang."""

import typer

from app.cli import backtesting, evaluating, explaining, rehearsing, rulebooks

rules_app = typer.Typer(help="The rules: set, test and score them, ask them why", no_args_is_help=True)
rulebooks.add_to(rules_app)
rehearsing.add_to(rules_app)
evaluating.add_to(rules_app)
backtesting.add_to(rules_app)
explaining.add_to(rules_app)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(rules_app, name="rules")


@rules_app.callback()
def rules() -> None:
    """Keep the commands in their group, however many there are."""
