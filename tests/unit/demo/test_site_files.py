"""The site as files: links between them work from disk, and all others lead to the public address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from digest.demo.site_files import SiteCopy, file_of

PUBLIC = "https://digest.example.org/"


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("", "index.html"),
        ("archive", "archive.html"),
        ("edition/2020-03-03", "edition/2020-03-03.html"),
        ("services/cqc/cqc:1-9-a%20b", "services/cqc/cqc-1-9-a-b.html"),
        ("search?q=peble+court", "search--q-peble-court.html"),
        ("services?page=2", "services--page-2.html"),
    ],
)
def test_a_page_has_a_file_that_every_system_can_name(address: str, file: str) -> None:
    assert file_of(address) == file


PAGES = {
    "/": '<a href="./archive">A</a> <a href="./services/cqc/cqc:1#told">S</a> <a href="./join">J</a>'
    '<link rel="stylesheet" href="./site.css"><form method="get" action="./search"></form>',
    "/archive": '<a href="./?a=1&amp;b=2">H</a> <a href="./services?page=2">2</a> <a href="#main">M</a>',
    "/services/cqc/cqc:1": '<link rel="stylesheet" href="../../site.css"> <a href="../../">H</a>'
    '<a href="REPORTS/one/">R</a> <a href="https://elsewhere.example/?a=1&amp;b=2">E</a>',
    "/services": "",
    "/join": '<a href="./never">N</a>',
    "/one/": '<a href="/archive">a page of theirs</a>',
}


@pytest.fixture
async def servers() -> AsyncIterator[tuple[str, str]]:
    """The site, and the publishers whose pages it links to."""

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/site.css":
            return web.Response(text="p {}", content_type="text/css")
        robots = "noindex, nofollow" if request.path == "/join" else "all"
        text = PAGES.get(request.path)
        if text is None:
            raise web.HTTPNotFound
        text = text.replace("REPORTS/", reports)
        return web.Response(text=text, content_type="text/html", headers={"X-Robots-Tag": robots})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    for _ in range(2):
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    base, reports = [f"http://127.0.0.1:{port}/" for _, port in runner.addresses]
    yield base, reports
    await runner.cleanup()


async def test_links_between_files_work_from_disk_and_others_lead_to_the_public_site(
    servers: tuple[str, str], tmp_path: Path
) -> None:
    copy = SiteCopy(base=servers[0], public=PUBLIC, publishers=servers[1])

    names = await copy.write(tmp_path)

    read = {name: (tmp_path / name).read_text() for name in names}
    service = "services/cqc/cqc-1.html"
    assert set(names) == {"index.html", "archive.html", service, "services--page-2.html", "reports/one.html"}
    assert (tmp_path / "site.css").read_text() == "p {}"
    assert read["index.html"] == (
        f'<a href="archive.html">A</a> <a href="{service}#told">S</a> <a href="{PUBLIC}join">J</a>'
        f'<link rel="stylesheet" href="site.css"><form method="get" action="{PUBLIC}search"></form>'
    )
    assert f'href="{PUBLIC}?a=1&amp;b=2"' in read["archive.html"]
    assert '<a href="services--page-2.html">2</a> <a href="#main">' in read["archive.html"]
    assert '<link rel="stylesheet" href="../../site.css"> <a href="../../index.html">' in read[service]
    assert '<a href="../../reports/one.html">R</a>' in read[service]
    assert read["reports/one.html"] == "<a>a page of theirs</a>"
    assert 'href="https://elsewhere.example/?a=1&amp;b=2"' in read[service]
