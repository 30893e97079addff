"""`digest subscribers`: see and change who gets the edition."""

from __future__ import annotations

from digest.cli.common import command_group
from digest.cli.subscribers import changing, files, looking, why

app = command_group("See and change who gets the edition.")
app.command("list")(looking.list_)
app.command("show")(looking.show)
app.command("why")(why.why)
app.command("add")(changing.add)
app.command("import")(files.import_)
app.command("export")(files.export)
app.command("end")(changing.end)
app.command("erase")(changing.erase)
app.command("suppress")(changing.suppress)
app.command("unsuppress")(changing.unsuppress)
app.command("bulks")(looking.bulks)
app.command("undo")(looking.undo)
