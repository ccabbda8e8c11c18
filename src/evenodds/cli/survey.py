"""`evenodds survey`: many models at one question, within a budget."""

import typer

from evenodds.cli.survey_analyse import analyse
from evenodds.cli.survey_catalogue import catalogue
from evenodds.cli.survey_demo import demo
from evenodds.cli.survey_plan import plan
from evenodds.cli.survey_report import report
from evenodds.cli.survey_run import run
from evenodds.cli.survey_simulate import simulate

app = typer.Typer(
    help="Ask many models the same question, within a budget.",
    no_args_is_help=True,
    add_completion=False,
)
app.command("catalogue")(catalogue)
app.command("plan")(plan)
app.command("run")(run)
app.command("simulate")(simulate)
app.command("analyse")(analyse)
app.command("report")(report)
app.command("demo")(demo)
