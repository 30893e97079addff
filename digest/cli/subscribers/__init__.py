"""`digest subscribers`: who gets the edition, and what operators may do about it."""

from __future__ import annotations

import typer

from digest.cli.subscribers import bulks, explaining, exporting, importing, joining, leaving, looking

app = typer.Typer(help="See and change who gets the edition.", no_args_is_help=True)
app.command("list")(looking.list_)
app.command("show")(looking.show)
app.command("why")(explaining.why)
app.command("add")(joining.add)
app.command("import")(importing.import_)
app.command("export")(exporting.export)
app.command("end")(leaving.end)
app.command("erase")(leaving.erase)
app.command("suppress")(leaving.suppress)
app.command("unsuppress")(leaving.unsuppress)
app.command("bulks")(bulks.list_)
app.command("undo")(bulks.undo)
