"""However serving ends, what is under way is finished first and nothing more is begun."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from digest import serving
from digest.roles import Role


async def test_pages_that_fail_let_no_further_message_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = asyncio.Event()
    told: list[bool] = []

    @asynccontextmanager
    async def service(*_: object, **__: object) -> AsyncIterator[Any]:
        yield SimpleNamespace(
            edges=SimpleNamespace(wakeups=None),
            deliverer=SimpleNamespace(stopping=stopping),
            settings=SimpleNamespace(sources=()),
        )

    @asynccontextmanager
    async def timer(*_: object) -> AsyncIterator[None]:
        try:
            yield
        finally:  # from here on it waits for what is under way
            told.append(stopping.is_set())

    @asynccontextmanager
    async def nothing(*_: object) -> AsyncIterator[None]:
        yield

    async def broken(*_: object) -> None:
        raise OSError("the pages are gone")

    monkeypatch.setattr(serving, "service", service)
    monkeypatch.setattr(serving, "_looks", lambda *_: ())
    monkeypatch.setattr(serving, "_timer", timer)
    monkeypatch.setattr(serving, "_letting_go", broken)
    monkeypatch.setattr(serving, "_sending_letters", nothing)
    monkeypatch.setattr(serving, "_working_off", nothing)
    monkeypatch.setattr(serving, "_posting_to_webhooks", nothing)
    monkeypatch.setattr(serving, "_receiving", nothing)
    monkeypatch.setattr(serving, "_following_the_files", nothing)
    monkeypatch.setattr(serving, "_serve_pages", broken)
    monkeypatch.setattr(serving, "_listener", lambda *_: None)

    with pytest.raises(OSError, match="gone"):
        await serving.serve(
            cast("Any", SimpleNamespace(sources=())), cast("Any", None), directory=tmp_path, role=Role.ALL
        )

    assert told == [True]
