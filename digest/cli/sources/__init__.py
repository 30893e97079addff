"""`digest sources`: watch and mend sources."""

from __future__ import annotations

from digest.cli.common import command_group
from digest.cli.sources import adding, item, parked, trying

app = command_group("Watch and mend sources.")
app.command("test")(trying.try_)
app.command("add")(adding.add)
app.command("item")(item.item)
app.command("parked")(parked.list_)
app.command("retry")(parked.retry)
