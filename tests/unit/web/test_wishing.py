"""What people choose on a form: it is taken as they know things by name, and what it cannot be is said."""

from __future__ import annotations

from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest
from builders import KENT, a_provider
from desk import Service, link_to, text_of
from test_pages import MINA, Page, manage, pressed

from digest.providers import Provider
from digest.schedule import Weekday
from digest.subscriptions import Wishes
from digest.tokens import Purpose
from digest.web.wishing import MOST_BOXES

Site = httpx2.AsyncClient

PROVIDERS = (
    a_provider(KENT, "Kent PDU"),
    a_provider("hmp-leeds", "HMP Leeds", kind="prison", inspectorate="hmi-prisons"),
    a_provider("ben-crc", "Bench & Bar", kind="CRC"),
)


@pytest.fixture(autouse=True)
async def register(service: Service) -> None:
    await service.store.providers.load(PROVIDERS, ())


class Filled(HTMLParser):
    """The form that saves wishes, as a browser would send it if nobody touched it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._area = self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "textarea":
            self._area = name
            self.fields[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.fields[self._select] = [given["value"] or ""]
        elif tag == "input" and (given["type"] != "checkbox" or "checked" in given):
            self.fields.setdefault(name, []).append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area][0] += data.replace("\n", "\r\n")


async def test_what_people_type_is_shown_again_as_text_and_never_as_markup(site: Site) -> None:
    answer = await pressed(site, "/join", address=MINA, areas="", kinds="", watched="<script>run()</script>")

    assert answer.status_code == 422
    assert "“&lt;script&gt;run()&lt;/script&gt;”" in answer.text
    assert "<script" not in answer.text


async def test_everything_can_be_wished_for_while_joining(site: Site, service: Service) -> None:
    answer = await pressed(
        site,
        "/join",
        address=MINA,
        commentary="yes",
        areas="Kent,  Leeds,Kent",
        kind="prison",
        watched="kent pdu\r\n\r\n HMP LEEDS \r\nKent PDU",
        alerts="yes",
        proof_of_life="yes",
    )

    assert Page(answer.text).heading == "Check your email"
    feed = "feeds/reports.atom?kind=prison&area=Kent&area=Leeds&watched=kent-pdu&watched=hmp-leeds"
    assert f'./{feed}"' in unescape(answer.text)
    assert (await site.get(f"/{feed}")).status_code == 200
    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    assert found.wishes == Wishes(
        areas=("Kent", "Leeds"),
        kinds=("prison",),
        watched=(KENT, "hmp-leeds"),
        alerts=True,
        proof_of_life=True,
    )


def plain(letter: EmailMessage) -> str:
    return " ".join(text_of(letter).split())


async def test_one_email_a_week_on_a_day_of_ones_own(site: Site, service: Service) -> None:
    await pressed(site, "/join", address=MINA, commentary="yes", areas="", watched="", often="friday")

    asked = await service.read(MINA, "confirm")
    assert "one email a week, on Friday at noon" in plain(asked)
    await site.post(link_to("confirm", asked))
    assert "once a week, on Friday at noon" in plain(await service.read(MINA, "welcome"))
    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    assert found.wishes == Wishes(weekly=Weekday.FRIDAY)
    link, subscriber = service.links.link(Purpose.MANAGE, found.subscriber, 1), found.subscriber
    assert "One email a week, on Friday at noon, when there is news" in (await site.get(link)).text

    await pressed(site, f"{link}/wishes", commentary="yes", watched="", often="sometimes")
    assert (await service.now(subscriber)).wishes.weekly is Weekday.FRIDAY
    await pressed(site, f"{link}/wishes", commentary="yes", watched="", often="daily")
    assert (await service.now(subscriber)).wishes == Wishes()


async def test_brief_editions_can_be_chosen_and_given_up(site: Site, service: Service) -> None:
    fields = {"commentary": "yes", "areas": "", "watched": ""}
    await pressed(site, "/join", address=MINA, **fields, often="friday", length="brief")

    asked = await service.read(MINA, "confirm")
    assert "one brief email a week, on Friday at noon" in plain(asked)
    assert "one brief email a week, on Friday at noon" in (await site.get(link_to("confirm", asked))).text
    await site.post(link_to("confirm", asked))
    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    assert found.wishes == Wishes(weekly=Weekday.FRIDAY, brief=True)

    link, subscriber = service.links.link(Purpose.MANAGE, found.subscriber, 1), found.subscriber
    assert "One brief email a week, on Friday at noon, when there is news" in (await site.get(link)).text
    await pressed(site, f"{link}/wishes", **fields, often="daily", length="as ever")
    assert (await service.now(subscriber)).wishes == Wishes(brief=True)
    await pressed(site, f"{link}/wishes", **fields, length="full")
    assert (await service.now(subscriber)).wishes == Wishes()


async def test_the_page_of_a_subscription_leads_to_a_feed_with_the_same_choices(
    site: Site, service: Service
) -> None:
    own, _ = await manage(service, wishes=Wishes(areas=("Kent",), movements_only=True, commentary=False))

    html = unescape((await site.get(own)).text)

    for form in ("atom", "json"):
        assert f'href="../feeds/movements.{form}?area=Kent&commentary=no"' in html


async def test_the_form_is_short_until_somebody_wants_more(site: Site) -> None:
    page = Page((await site.get("/")).text)

    assert page.all("details") == [{}, {}]
    kinds = [one["value"] for one in page.all("input") if one.get("name") == "kind"]
    assert kinds == ["CRC", "prison", "PDU"]


@pytest.mark.parametrize(
    ("fields", "at", "said"),
    [
        (
            {"watched": "Kent PDU\r\nKnet <PDU>"},
            "watched",
            "could not find a service called “Knet <PDU>”. Check",
        ),
        ({"watched": "", "areas": "Kent, Knet"}, "areas", "could not find a service in “Knet”"),
        ({"watched": "", "areas": "Kent, -"}, "areas", "could not find a service in “-”"),
        ({"watched": "", "alerts": "yes"}, "watched", "Add a service to watch"),
        ({"watched": "Kent PDU\r\n" * 101}, "watched", "100 services at most"),
    ],
)
@pytest.mark.parametrize("joining", [True, False])
async def test_what_nothing_answers_to_is_named_at_its_field_and_nothing_is_lost(
    site: Site, service: Service, fields: dict[str, str], at: str, said: str, joining: bool
) -> None:
    link, _ = await manage(service)
    before = await service.everything()
    url = "/join" if joining else f"{link}/wishes"

    answer = await pressed(site, url, address="new@example.org", movements_only="yes", **fields)

    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.title.startswith("Error: ")
    assert said in page.words
    assert {"href": f"#{at}"} in page.all("a")
    (wrong,) = [one for _, one in page.tags if one.get("aria-invalid")]
    assert wrong["name"] == at
    ids = {attrs.get("id") for _, attrs in page.tags}
    assert set(str(wrong["aria-describedby"]).split()) <= ids
    assert all("open" in details for details in page.all("details"))
    sent = Filled(answer.text).fields
    assert sent["watched"][0].split() == fields["watched"].split()
    assert sent["areas"] == [fields.get("areas", "")]
    assert sent["movements_only"] == ["yes"]
    assert ("alerts" in sent) == ("alerts" in fields)
    assert await service.everything() == before


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(),
        Wishes(areas=("Kent, Surrey and Sussex", "Nowhere"), commentary=False),
        Wishes(kinds=("PDU", "prison", "CRC"), movements_only=True),
        Wishes(kinds=("care home",), inspectorates=("hmi-prisons",), providers=("hmp-leeds",)),
        Wishes(watched=("ben-crc", "gone-from-the-register", KENT), alerts=True, proof_of_life=True),
        Wishes(weekly=Weekday.FRIDAY),
        Wishes(brief=True),
    ],
)
async def test_saving_what_is_shown_changes_nothing(site: Site, service: Service, wishes: Wishes) -> None:
    """Whatever an operator or an import wrote there, in whatever spelling."""
    link, subscriber = await manage(service, wishes=wishes)
    steps = await service.steps(subscriber)

    shown = await site.get(f"{link}/wishes")
    answer = await site.post(f"{link}/wishes", data=Filled(shown.text).fields)

    assert answer.status_code == 200
    assert (await service.now(subscriber)).wishes == wishes
    assert await service.steps(subscriber) == steps


async def test_a_provider_watched_under_both_of_its_entries_is_shown_once_and_stays_watched_under_both(
    site: Site, service: Service
) -> None:
    await service.store.register.merge(
        "hmp-leeds", "ben-crc", by="ada", why="the same", now=service.clock.now()
    )
    wishes = Wishes(watched=(KENT, "ben-crc", "hmp-leeds"))
    link, subscriber = await manage(service, wishes=wishes)
    assert "Always the 2 services that you watch<" in (await site.get(link)).text

    fields = Filled((await site.get(f"{link}/wishes")).text).fields
    assert fields["watched"][0].strip().split("\r\n") == ["Kent PDU", "HMP Leeds"]
    await site.post(f"{link}/wishes", data=fields)
    assert (await service.now(subscriber)).wishes == wishes

    await site.post(f"{link}/wishes", data={**fields, "watched": ["HMP Leeds"]})
    assert (await service.now(subscriber)).wishes.watched == ("ben-crc", "hmp-leeds")


async def test_a_name_that_a_text_has_proposed_hides_nothing_on_a_page(site: Site, service: Service) -> None:
    odd = a_provider("ely-pdu", "Ely" + "\u0307" * 30 + "\U000e0061 PDU")
    await service.store.providers.load([odd], ())
    wishes = Wishes(watched=("ely-pdu",))
    link, subscriber = await manage(service, wishes=wishes)

    shown = await site.get(f"{link}/wishes")
    assert "Ely" + "\u0307" * 3 + " PDU" in shown.text
    assert "\u0307" * 4 not in shown.text
    await site.post(f"{link}/wishes", data=Filled(shown.text).fields)
    assert (await service.now(subscriber)).wishes == wishes


async def test_further_wishes_are_taken_back_by_emptying_their_fields(site: Site, service: Service) -> None:
    wishes = Wishes(areas=("Kent",), kinds=("PDU",), watched=(KENT,), alerts=True, proof_of_life=True)
    link, subscriber = await manage(service, wishes=wishes)
    shown = (await site.get(link)).text
    assert "Only Kent<br>Only some kinds of services<br>" in shown
    assert "Always the service that you watch, with an alert when a rating moves" in shown

    await pressed(site, f"{link}/wishes", commentary="yes", areas="", watched="")

    assert (await service.now(subscriber)).wishes == Wishes()


async def test_ticking_all_kinds_is_to_wish_for_everything(site: Site, service: Service) -> None:
    link, subscriber = await manage(service)
    fields: dict[str, Any] = {"commentary": "yes", "watched": "", "kind": ["CRC", "PDU", "prison"]}

    await site.post(f"{link}/wishes", data=fields)

    assert (await service.now(subscriber)).wishes == Wishes()


async def test_kinds_of_services_are_offered_in_plain_words(site: Site, service: Service) -> None:
    await service.store.providers.load([a_provider("bury", "Bury YJS", kind="YOT/YJS")], ())

    page = Page((await site.get("/")).text)

    offered = {str(one["value"]) for one in page.all("input") if one.get("name") == "kind"}
    assert offered == {"CRC", "PDU", "YOT/YJS", "prison"}
    for words in (
        "Probation Delivery Unit (PDU)",
        "Youth Offending Team or Youth Justice Service (YOT/YJS)",
        "Prison",
    ):
        assert words in page.words


async def test_a_kind_may_be_written_in_plain_words(site: Site, service: Service) -> None:
    many = [a_provider(f"p{n}", f"Place {n}", kind=f"kind {n}") for n in range(MOST_BOXES)]
    await service.store.providers.load(many, ())
    link, subscriber = await manage(service)

    await pressed(
        site, f"{link}/wishes", commentary="yes", watched="", kinds="probation delivery unit, PDU, Prison"
    )

    assert (await service.now(subscriber)).wishes == Wishes(kinds=("PDU", "prison"))


async def test_of_many_kinds_one_writes_which(site: Site, service: Service) -> None:
    many = [a_provider(f"p{n}", f"Place {n}", kind=f"kind {n}") for n in range(MOST_BOXES)]
    await service.store.providers.load(many, ())
    link, subscriber = await manage(service)

    page = Page((await site.get(f"{link}/wishes")).text)
    assert not [one for one in page.all("input") if one.get("name") == "kind"]
    wrong = await pressed(site, f"{link}/wishes", watched="", kinds="kind 3, kind 99")
    assert "could not find a kind of service called “kind 99”" in Page(wrong.text).words
    await pressed(site, f"{link}/wishes", commentary="yes", watched="", kinds="Kind 3, prison")

    assert (await service.now(subscriber)).wishes == Wishes(kinds=("kind 3", "prison"))


async def test_the_form_is_there_while_the_register_is_not(
    site: Site, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise OSError("the database has gone away")

    monkeypatch.setattr(service.store.providers, "register", away)

    answer = await site.get("/")

    assert answer.status_code == 200
    assert "Your email address" in answer.text


@pytest.mark.parametrize("asked", [100, 700])
async def test_no_form_makes_us_go_through_the_register_place_by_place(
    site: Site, service: Service, monkeypatch: pytest.MonkeyPatch, asked: int
) -> None:
    """A post of four kilobytes, on a register of twenty thousand, once took four seconds."""
    seen = 0
    names = Provider.names.fget
    assert names is not None

    def counted(self: Provider) -> tuple[str, ...]:
        nonlocal seen
        seen += 1
        return names(self)

    await service.store.providers.load([a_provider(f"p{n}", f"Home {n}") for n in range(50)], ())
    monkeypatch.setattr(Provider, "names", property(counted))

    answer = await pressed(
        site, "/join", address=MINA, watched="", areas=",".join(f"Nowhere {n}" for n in range(asked))
    )

    assert answer.status_code == 422
    assert seen <= 53  # each provider once, when the register is read
