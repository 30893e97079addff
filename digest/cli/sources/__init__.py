"""`digest sources`: watch and mend sources."""

from __future__ import annotations

from digest.cli.common import command_group
from digest.cli.sources import item, parked

app = command_group("Watch and mend sources.")
app.command("item")(item.item)
app.command("parked")(parked.list_)
app.command("retry")(parked.retry)
