"""The shipped deployment as visitors meet it: nginx, as `deploy/` configures it, before the service."""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx2
import pytest
from journey_place import Place
from servers import nginx
from servers.ports import free_port
from servers.wanted import skipped
from test_many_machines import running

from digest.app.directory import configured
from digest.pages.headers import HEADERS
from digest.subscriptions import Taken
from digest.tokens import KeyUse, LinkTokens, Purpose
from digest.web.application import LARGEST_BODY

MISSING = skipped("nginx", nginx.missing())
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(MISSING is not None, reason=str(MISSING)),
    pytest.mark.parametrize("kind", ["sqlite"], indirect=True),
]

NAME = "digest.example.org"
HERE, ELSEWHERE = "127.0.1.1", "127.0.2.1"  # two networks of visitors, both on this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A service behind nginx."""

    place: Place
    proxy: nginx.Nginx

    @asynccontextmanager
    async def visitor(self, address: str = HERE) -> AsyncIterator[httpx2.AsyncClient]:
        """Somebody who comes from an address; nginx sees it as that of the connection."""
        context = ssl.create_default_context(cafile=self.proxy.folder / "authority.pem")
        transport = httpx2.AsyncHTTPTransport(local_address=address, verify=context)
        base = f"https://127.0.0.1:{self.proxy.https}"
        async with httpx2.AsyncClient(transport=transport, base_url=base, headers={"Host": NAME}) as client:
            yield client

    async def asked(self, address: str) -> list[Taken]:
        """What was noted of somebody's subscription."""
        async with self.place.opened() as store:
            found = await store.subscriptions.find(address)
            return [] if found is None else await store.subscriptions.history(found.subscriber)

    async def letter(self, address: str) -> EmailMessage:
        [received] = await self.place.server.until_to(address)
        message = message_from_bytes(received.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


@pytest.fixture
async def deployed(place: Place) -> AsyncIterator[Deployed]:
    """With the settings that are shipped, but for the port and few requests from one network."""
    port = free_port()
    file = place.config / "digest.yaml"
    text = re.sub(r"(?m)^  port: 8080", f"  port: {port}", file.read_text())
    text = re.sub(r"(?m)^  per_network: \d+", "  per_network: 2", text)
    file.write_text(text)
    (place.config / "sources.yaml").write_text(
        "sources:\n  - {id: nobody, name: Nobody, url: 'http://127.0.0.1:9/feed', authority: blog}\n"
    )
    async with running(place), nginx.running(place.config.parent / "nginx", port) as proxy:
        yield Deployed(place=place, proxy=proxy)


async def test_the_shipped_deployment_serves_visitors(deployed: Deployed) -> None:
    """One service and one nginx for all of it, as both take a second or two to start."""
    await visitors_are_counted_by_network(deployed)
    await who_makes_headers_up_is_counted_where_they_are(deployed)
    await pages_keep_their_headers_and_limits(deployed)
    await links_are_https_and_one_click_arrives(deployed)
    await public_pages_are_kept_by_the_proxy_and_no_others(deployed)
    assert not re.search("leave|confirm|one-click|manage|join", deployed.proxy.logged())


async def visitors_are_counted_by_network(deployed: Deployed) -> None:
    """A network that asked too often is told that nothing was sent."""
    async with deployed.visitor(HERE) as here, deployed.visitor(ELSEWHERE) as elsewhere:
        for n in range(3):
            answer = await here.post("/join", data={"address": f"here{n}@example.net"})
            assert answer.status_code == (200 if n < 2 else 429)
        await elsewhere.post("/join", data={"address": "elsewhere@example.net"})
        await deployed.letter("elsewhere@example.net")  # and those before it are done

    assert [len(await deployed.asked(f"here{n}@example.net")) for n in range(3)] == [1, 1, 0]
    [step] = await deployed.asked("elsewhere@example.net")
    assert step.evidence.origin == "127.0.2.0/24"


async def who_makes_headers_up_is_counted_where_they_are(deployed: Deployed) -> None:
    """nginx sets what it says of a visitor anew, and the service believes nobody else."""
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "Forwarded": "for=203.0.113.9;proto=http",
        "X-Real-IP": "203.0.113.9",
    }
    async with deployed.visitor(ELSEWHERE) as client:
        await client.post("/join", data={"address": "forged@example.net"}, headers=forged)
        await deployed.letter("forged@example.net")
        over = await client.post("/join", data={"address": "over@example.net"}, headers=forged)
        assert over.status_code == 429
    async with deployed.visitor("127.0.3.1") as client:
        await client.post("/join", data={"address": "last@example.net"})
        await deployed.letter("last@example.net")

    [step] = await deployed.asked("forged@example.net")
    assert step.evidence.origin == "127.0.2.0/24"
    assert await deployed.asked("over@example.net") == []  # the third of that network


async def pages_keep_their_headers_and_limits(deployed: Deployed) -> None:
    async with deployed.visitor() as client:
        home = await client.get("/")
        assert home.status_code == 200
        assert {name: home.headers[name] for name in HEADERS} == {**HEADERS, "X-Robots-Tag": "all"}
        assert home.headers["Strict-Transport-Security"] == "max-age=31536000"
        # Its own links are relative, so that they keep scheme and name.
        assert not re.findall(r'(?:href|action)="(?:http:|/)', home.text)

        most = {"address": "x" * (LARGEST_BODY - len("address="))}
        assert (await client.post("/join", data=most)).status_code == 422  # it came through whole
        assert (await client.post("/join", data={"address": "x" * 20_000})).status_code == 413

        for inside in ("/metrics", "/health/", "/health/ready", "/health/live"):
            assert (await client.get(inside)).status_code == 404, inside


async def links_are_https_and_one_click_arrives(deployed: Deployed) -> None:
    message = await deployed.letter("elsewhere@example.net")
    body = message.get_body(("plain",))
    assert body is not None
    [link] = re.findall(rf"https://{NAME}(/confirm/[\w-]+)", body.get_content())
    async with deployed.visitor() as client:
        assert "You’re subscribed" in (await client.post(link)).text
        _, secrets = configured(deployed.place.config)
        tokens = LinkTokens([secrets.derived(KeyUse.LINKS)])
        token = tokens.sign(Purpose.ONE_CLICK, *tokens.read(link.rpartition("/")[2], Purpose.CONFIRM))
        answer = await client.post(f"/one-click/{token}", data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.history) == (200, [])
    assert [taken.step.value for taken in await deployed.asked("elsewhere@example.net")][-1] == "left"

    plain = httpx2.AsyncHTTPTransport(local_address=HERE)
    async with httpx2.AsyncClient(transport=plain) as client:
        url = f"http://127.0.0.1:{deployed.proxy.http}/join"
        answer = await client.get(url, headers={"Host": NAME})
    assert (answer.status_code, answer.headers["Location"]) == (308, f"https://{NAME}/join")


async def public_pages_are_kept_by_the_proxy_and_no_others(deployed: Deployed) -> None:
    """All that were asked for here before; a client that has a page is told so by the proxy itself."""
    async with deployed.visitor() as client:
        page = await client.get("/about")
        tag = page.headers["ETag"]
        assert (await client.get("/about", headers={"If-None-Match": tag})).status_code == 304
        for path in ("/join", "/fresh-link", "/nowhere"):
            await client.get(path)

    assert deployed.proxy.kept() == {"/", "/about"}
