"""`digest sources check` asks what a poll would ask, whatever the kind of source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from builders import a_source_of, a_timetable
from clocks import Clock
from feed_cases import Inline

from digest.cli.sources.checking import _answer, _lines
from digest.ports import Fetched
from digest.ratings import Inspectorates
from digest.source_specs import JsonSpec
from digest.sources import Validators


async def test_an_api_is_asked_by_its_address_with_the_instants_filled_in_and_with_its_key() -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    async def fetch(url: str, *_: Any, headers: Any = (), **__: Any) -> Fetched:
        asked.append((url, dict(headers)))
        return Fetched(url=url, body=b'{"changes": ["1-1"]}', content_type="a/json", validators=Validators())

    spec = JsonSpec(
        list="changes",
        look_back=timedelta(days=1),
        detail="https://api.example/{id}",
        key="id",
        name="name",
        secret_headers=(("X-Key", "DIGEST_SOURCE_KEY"),),
    )
    bench: Any = SimpleNamespace(
        fetcher=SimpleNamespace(fetch=fetch),
        workers=Inline(),
        data_workers=Inline(),
        settings=SimpleNamespace(edition=a_timetable(), inspectorates=Inspectorates(all=())),
        clock=Clock(datetime(2026, 3, 3, 9, tzinfo=UTC)),
        keys={"DIGEST_SOURCE_KEY": "secret"},
        newsletters=None,
    )
    source = a_source_of("cqc", url="https://api.example/changes?since={since}&until={until}", spec=spec)

    lines = list(_lines(await _answer(bench, source)))

    first = "https://api.example/changes?since=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z"
    assert asked[0] == (first, {"Accept": "application/json", "X-Key": "secret"})
    assert not any("{" in url for url, _ in asked)
    assert lines[1:3] == [f"  asked for {first}", "  a/json, 20 bytes"]
