"""Operators whom a proxy has logged in: its header is believed from named proxies alone, over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from desk import START, TIMETABLE, Service
from desk_fixtures import doors_of

from digest.interventions import Intervention
from digest.web.operators import Doors
from digest.web.server import listen, serve_pages

Browser = httpx2.AsyncClient
HEADER = "X-Forwarded-User"
PROXY, STRANGER = "127.0.0.1", "127.0.0.2"  # both on this machine, each with an address of its own
MORNING = START - timedelta(hours=4)
DAY = TIMETABLE.day_of(START)


@pytest.fixture
def doors(service: Service) -> Doors:
    """Both ways in."""
    return doors_of(service, login_header=HEADER)


@pytest.fixture(autouse=True)
def before_noon(service: Service) -> None:
    service.clock.at = MORNING


@asynccontextmanager
async def asking(app: Any, peer: str = PROXY, proxies: Sequence[str] = (PROXY,)) -> AsyncIterator[Browser]:
    """The pages on their server, which believes `proxies`; requests come from the address of `peer`."""
    stop, listener = asyncio.Event(), listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    serving = asyncio.create_task(serve_pages(app, listener, stop, proxies))
    transport = httpx2.AsyncHTTPTransport(local_address=peer, retries=20)
    try:
        async with Browser(transport=transport, base_url=url) as browser:
            yield browser
    finally:
        stop.set()
        await serving


async def acts(service: Service) -> tuple[Intervention, ...]:
    return (await service.store.editions.in_hand(DAY)).acts


def is_sent_to_sign_in(answer: httpx2.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].endswith("./operators/sign-in")


def form_in(page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page)
    return found[1] if found else ""


async def test_whom_the_proxy_names_acts_under_that_name(
    app: Any, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async with asking(app) as browser:
        ada = {HEADER: "ada@inspect.example", "X-Forwarded-For": "198.51.100.7"}
        page = await browser.get("/operators", headers=ada)
        assert "Signed in as ada@inspect.example" in page.text
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store"
        form = {"form": form_in(page.text), "day": str(DAY), "act": "hold", "words": "we ask them"}
        with caplog.at_level(logging.INFO):
            assert (await browser.post("/operators", data=form, headers=ada)).status_code == 303

    [held] = await acts(service)
    assert (held.by, held.words) == ("ada@inspect.example", "we ask them")
    [said] = [one for one in caplog.records if one.message == "an operator changed the edition"]
    assert said.__dict__["by"] == "ada@inspect.example"


@pytest.mark.parametrize(
    ("peer", "proxies", "more"),
    [
        (STRANGER, (PROXY,), {}),
        (STRANGER, (PROXY,), {"X-Forwarded-For": PROXY}),
        (STRANGER, (PROXY,), {"Forwarded": f"for={PROXY};by={PROXY}"}),
        (STRANGER, (PROXY,), {"X-Real-IP": PROXY, "Via": PROXY}),
        (PROXY, (), {}),  # no proxy is named
        (PROXY, ("10.0.0.0/8",), {"X-Forwarded-For": "10.0.0.1"}),
    ],
)
async def test_a_stranger_who_sends_the_header_is_nobody(
    app: Any, service: Service, peer: str, proxies: tuple[str, ...], more: dict[str, str]
) -> None:
    async with asking(app) as proxy:
        stolen = form_in((await proxy.get("/operators", headers={HEADER: "ada"})).text)
    assert stolen

    async with asking(app, peer, proxies) as browser:
        made_up = {HEADER: "ada"} | more
        for page in ("", "/review", "/sources", "/deliveries", "/letters"):
            answer = await browser.get(f"/operators{page}", headers=made_up)
            assert is_sent_to_sign_in(answer)
        form = {"form": stolen, "day": str(DAY), "act": "hold", "words": "x"}
        answer = await browser.post("/operators", data=form, headers=made_up)
        assert is_sent_to_sign_in(answer)

    assert await acts(service) == ()


@pytest.mark.parametrize(
    "said",
    [
        [],
        [""],
        ["\u00a0"],
        ["ada", "ben"],  # a visitor's own beside the proxy's
        ["ada", "ada"],
    ],
)
async def test_a_proxy_that_does_not_name_one_person_lets_nobody_in(app: Any, said: list[str]) -> None:
    async with asking(app) as browser:
        headers = [(HEADER.encode(), one.encode()) for one in said]
        answer = await browser.get("/operators", headers=headers)

    assert is_sent_to_sign_in(answer)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (b"Ada \t  Lovelace", "Ada Lovelace"),
        ("Zoë Łaska".encode(), "Zoë Łaska"),
        ("Zoë".encode("latin-1"), "Zoë"),
        ("ada\u202enimda".encode(), "adanimda"),  # what would turn the line around is left out
        (b"<b>ada</b>", "&lt;b&gt;ada&lt;/b&gt;"),
        (b"x" * 500, "x" * 60),
    ],
)
async def test_a_name_is_shown_as_people_write_it(app: Any, said: bytes, name: str) -> None:
    async with asking(app) as browser:
        page = await browser.get("/operators", headers=[(HEADER.encode(), said)])

    assert f"Signed in as {name}<" in page.text or f"Signed in as {name}." in page.text, page.text[:3000]


async def test_a_form_shown_to_one_operator_is_no_use_to_another(app: Any, service: Service) -> None:
    async with asking(app) as browser:
        form = form_in((await browser.get("/operators", headers={HEADER: "ada"})).text)
        pressed = {"form": form, "day": str(DAY), "act": "hold", "words": "x"}
        answers = [
            await browser.post("/operators", data=pressed, headers={HEADER: "ben"}),
            await browser.post("/operators", data={**pressed, "form": ""}, headers={HEADER: "ada"}),
            await browser.post(
                "/operators", data=pressed, headers={HEADER: "ada", "Sec-Fetch-Site": "cross-site"}
            ),
        ]

    assert [one.status_code for one in answers] == [403] * 3
    assert await acts(service) == ()


async def test_what_no_setting_names_says_nothing(app: Any, service: Service) -> None:
    async with asking(app) as browser:
        for header in ("X-Forwarded-Email", "X_Forwarded_User", "Remote-User", "X-Forwarded-User-Id"):
            assert (await browser.get("/operators", headers={header: "ada"})).status_code == 303


async def test_signing_out_of_a_proxys_login_ends_no_session_of_ours(app: Any) -> None:
    """The page says so instead of offering a button that does nothing."""
    async with asking(app) as browser:
        page = (await browser.get("/operators", headers={HEADER: "ada"})).text

    assert "sign-out" not in page
