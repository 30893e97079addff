"""`digest sources`: watch and mend sources."""

from __future__ import annotations

from digest.cli.common import command_group
from digest.cli.sources import adding, checking, deciding, histories, item, parked, trying, watching

app = command_group("Watch and mend sources.")
app.command("list")(watching.list_)
app.command("show")(watching.show)
app.command("check")(checking.check)
app.command("test")(trying.try_)
app.command("add")(adding.add)
app.command("item")(item.item)
app.command("parked")(parked.list_)
app.command("retry")(parked.retry)
app.command("hold")(deciding.hold)
app.command("release")(deciding.release)
app.command("baseline")(deciding.baseline)
app.command("pause")(deciding.pause)
app.command("resume")(deciding.resume)
app.command("move")(histories.move)
app.command("forget")(histories.forget)
