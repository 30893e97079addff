"""What search engines are told of: every public page, once, and services in parts."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import httpx2
import pytest
from desk import BASE, KNOWN, SENDER, TIMETABLE, Service, an_edition_of
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from worlds import keep

from digest.pages.rendering import Pages
from digest.ports.public import ServiceAddress
from digest.site import PublicPages, Site, sitemap
from digest.site.addresses import service_page

Visitor = httpx2.AsyncClient


def places(xml: str) -> list[str]:
    ElementTree.fromstring(xml)
    return re.findall(r"<loc>(.*?)</loc>", xml)


async def test_each_public_page_and_edition_is_in_the_sitemap(site: Visitor, service: Service) -> None:
    for day in (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)):
        await an_edition_of(service.store, day, 0, accepted=None)
    await keep(service)

    assert f"Sitemap: {BASE}/sitemap.xml" in (await site.get("/robots.txt")).text
    (part,) = places((await site.get("/sitemap.xml")).text)
    found = places((await site.get(part)).text)

    assert f"{BASE}/edition/2026-03-03" in found
    assert f"{BASE}/edition/2026-03-04" not in found  # its noon is to come
    assert len(found) == len(set(found)) == len(sitemap.PAGES) + 2
    for address in found:
        assert (await site.get(address)).status_code == 200


class Many:
    """So many services, of which nobody reads more than a thousand at once."""

    def __init__(self, count: int) -> None:
        self.ids = [f"{n:06}" for n in range(count)]
        self.most = 0

    async def mark(self) -> str:
        return "one"

    async def every(self, step: int) -> tuple[str, ...]:
        return tuple(self.ids[::step])

    async def addresses(self, first: str = "", *, limit: int = 1000) -> tuple[ServiceAddress, ...]:
        self.most = max(self.most, limit)
        start = int(first or "0")
        found = self.ids[start : start + limit]
        return tuple(ServiceAddress(id=id, slug="elm & co", inspectorate="ofsted") for id in found)


@pytest.fixture
def many() -> Many:
    return Many(12_500)


@pytest.fixture
def with_services(service: Service, many: Many) -> Visitor:
    """The site, as it is once services have pages."""
    known = Site(
        pages=PublicPages(pages=Pages(renderer=service.renderer, sender=SENDER), mark=many.mark, menu=()),
        clock=service.clock,
        timetable=TIMETABLE,
        inspectorates={},
        known=KNOWN,
        sources=service.store.sources,
        public=many,  # type: ignore[arg-type]
        editions=service.store.editions,
        register=service.store.providers.register,
        coverage=service.membership.covering.now,
        join_form=dict,  # type: ignore[arg-type]
    )
    pages = Route("/services/{inspectorate}/{own}", lambda _: PlainTextResponse("a service"))
    app = Starlette(routes=[*sitemap.routes(known), pages])
    return Visitor(transport=httpx2.ASGITransport(app=app), base_url=BASE)


async def test_services_are_told_of_in_parts_of_ten_thousand(with_services: Visitor, many: Many) -> None:
    _, *parts = places((await with_services.get("/sitemap.xml")).text)
    found = [places((await with_services.get(part)).text) for part in parts]

    assert [len(part) for part in found] == [10_000, 2_500]
    assert len({address for part in found for address in part}) == 12_500
    assert found[1][0] == f"{BASE}/services/ofsted/010000-elm%20%26%20co"
    assert many.most <= 1001


async def test_a_part_that_somebody_has_is_not_read_again(with_services: Visitor, many: Many) -> None:
    first = await with_services.get("/sitemap-services.xml")
    many.most = 0

    tag = {"If-None-Match": first.headers["ETag"]}
    assert (await with_services.get("/sitemap-services.xml", headers=tag)).status_code == 304
    assert (await with_services.head("/sitemap-services.xml")).content == b""
    assert many.most == 0


@pytest.mark.parametrize(
    ("made_of", "page"),
    [
        (("kent-pdu", "", "hmi-probation"), "services/hmi-probation/kent-pdu"),
        (("123456", "elm-lane", "ofsted"), "services/ofsted/123456-elm-lane"),
        (("a/b", "", ""), "services/other/a/b"),
    ],
)
def test_a_service_has_one_address(made_of: tuple[str, str, str], page: str) -> None:
    assert service_page(*made_of) == page
