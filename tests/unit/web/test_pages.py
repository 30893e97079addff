"""The pages on a real store: what visitors see, what a press of a button does, what a look never does."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest
from desk import BASE, OPERATORS_KEY, START, TIMETABLE, WEB, Service, an_edition_of, link_to
from sqlalchemy import event
from starlette.routing import Route

from digest.edition import Edition
from digest.jobs.bounces import DeliveryBounces, LetterBounces, LetterReport
from digest.jobs.operator_alerts import OperatorAlerts
from digest.ports import Joined
from digest.present.layout import EditionView, whole_view
from digest.smtp_verdicts import Verdict
from digest.subscriptions import Standing, Step, Suppression, Wishes
from digest.tokens import EXPIRING, Purpose, session_token
from digest.web.forms import HONEYPOT
from digest.web.leaving import WITHOUT
from digest.web.operators.session import COOKIE

MINA = "mina@example.org"
Site = httpx2.AsyncClient


class Page(HTMLParser):
    """The tags of a page and the words between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.heading = ""
        self.title = ""
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._inside == "h1" and data.strip():
            self.heading += data
            self._inside = ""
        if self._inside == "title":
            self.title += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


async def pressed(site: Site, url: str, **fields: str) -> httpx2.Response:
    return await site.post(url, data=fields)


async def waits(service: Service, subscriber: int) -> bool:
    """Whether something waits for the subscriber's confirmation."""
    request = await service.store.requests.get(subscriber)
    return request is not None and request.waits(await service.now(subscriber))


async def manage(service: Service, **named: Any) -> tuple[str, int]:
    mina = await service.subscribed(**named)
    return service.links.link(Purpose.MANAGE, mina.subscriber, mina.generation), mina.subscriber


# -- joining --------------------------------------------------------------------------------------------


async def test_from_the_form_to_the_first_welcome(site: Site, service: Service) -> None:
    answer = await pressed(site, "/join", address=MINA, inspectorate="hmi-prisons", commentary="yes")
    assert Page(answer.text).heading == "Check your email"

    link = link_to("confirm", await service.read(MINA, "confirm"))
    page = Page((await site.get(link)).text)
    assert page.heading == "Confirm your subscription"
    assert len(page.all("button")) == 1
    assert Page((await site.post(link)).text).heading == "You’re subscribed"

    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    assert found.standing is Standing.ACTIVE
    assert found.wishes == Wishes(inspectorates=("hmi-prisons",))
    history = await service.store.subscriptions.history(found.subscriber)
    assert {taken.evidence.origin for taken in history} == {"192.0.2.0/24"}


async def test_from_the_form_to_the_code(site: Site, service: Service) -> None:
    page = Page((await pressed(site, "/join", address=MINA)).text)
    (action,) = [form["action"] for form in page.all("form")]
    (letter,) = await service.letters(MINA)
    code = letter.content.as_json()["code"]

    wrong = await pressed(site, "/code/" + str(action).rpartition("/")[2], code="000 000")
    assert wrong.status_code == 422
    right = await pressed(site, "/code/" + str(action).rpartition("/")[2], code=f"{code[:3]} {code[3:]}")

    assert Page(right.text).heading == "You’re subscribed"


async def test_the_page_says_the_same_whatever_we_know(site: Site, service: Service) -> None:
    """Who is subscribed, who left and who is suppressed is nobody else's business."""
    gone = await service.subscribed("gone@example.org")
    await service.enrolment.leave(gone.subscriber, gone.generation, WEB)
    await service.subscribed("known@example.org")
    await service.store.subscriptions.suppress("barred@example.org", Suppression(why="law", since=START))
    for _ in range(9):
        said = await service.enrolment.join("limit@example.org", Wishes(), WEB)
        service.clock.on(minutes=1)
    assert said is Joined.LIMITED

    pages = {}
    for who in ("fresh", "gone", "known", "barred", "limit"):
        answer = await pressed(site, "/join", address=f"{who}@example.org")
        reference = service.enrolment.reference(f"{who}@example.org")
        assert len(reference) == 48
        text = answer.text.replace(f"{who}@example.org", "ADDRESS").replace(reference, "REFERENCE")
        code = await pressed(site, f"/code/{reference}", code="000000")
        headers = sorted((k, v) for k, v in answer.headers.items() if k != "content-length")
        sameness = (answer.status_code, headers, text, code.status_code, code.text.replace(reference, "R"))
        pages[who] = sameness

    assert len({str(page) for page in pages.values()}) == 1
    links = [
        (await pressed(site, "/fresh-link", address=f"{who}@example.org")).text.replace(f"{who}@", "@")
        for who in pages
    ]
    assert len(set(links)) == 1


async def test_a_code_typed_in_vain_is_as_much_work_whatever_we_know(site: Site, service: Service) -> None:
    """Its time would tell who has been sent a code, and so that others are subscribed already."""
    await service.subscribed("known@example.org")
    await pressed(site, "/join", address="fresh@example.org")
    work: dict[str, list[str]] = {}
    engine = service.store.database.engine.sync_engine
    for who in ("fresh", "known", "nobody"):
        done = work[who] = []

        def noted(_c: Any, _k: Any, statement: str, *_: Any, done: list[str] = done) -> None:
            done.append(statement.split(maxsplit=1)[0])

        event.listen(engine, "before_cursor_execute", noted)
        await pressed(site, f"/code/{service.enrolment.reference(f'{who}@example.org')}", code="000000")
        event.remove(engine, "before_cursor_execute", noted)

    written = {who: [verb for verb in done if verb in {"INSERT", "UPDATE"}] for who, done in work.items()}
    assert {who: len(verbs) for who, verbs in written.items()} == {"fresh": 1, "known": 1, "nobody": 1}


async def test_the_reference_on_the_page_does_not_name_the_address(site: Site) -> None:
    answer = await pressed(site, "/join", address=MINA)

    (form,) = Page(answer.text).all("form")
    assert re.fullmatch(r"\./code/[0-9a-f]{48}", str(form["action"]))


@pytest.mark.parametrize("page", ["/join", "/fresh-link"])
async def test_an_error_stands_at_its_field_and_in_the_title(site: Site, service: Service, page: str) -> None:
    answer = await pressed(site, page, address="mina at example")

    shown = Page(answer.text)
    assert answer.status_code == 422
    assert shown.title.startswith("Error: ")
    (field_,) = [one for one in shown.all("input") if one.get("name") == "address"]
    assert field_["value"] == "mina at example"
    assert field_["aria-invalid"] == "true"
    described = str(field_["aria-describedby"]).split()
    ids = {attrs.get("id") for _, attrs in shown.tags}
    assert "address-error" in described
    assert set(described) <= ids
    assert {"href": "#address"} in shown.all("a")
    assert await service.letters() == []


@pytest.mark.parametrize("page", ["/join", "/fresh-link"])
async def test_whose_address_few_servers_take_is_told_that_it_is_this(site: Site, page: str) -> None:
    words = Page((await pressed(site, page, address="josé@example.org")).text).words

    assert "We cannot send to addresses with letters such as é or ü before the @" in words


async def test_the_trap_asks_again_and_loses_nothing(site: Site, service: Service) -> None:
    answer = await pressed(site, "/join", address=MINA, movements_only="yes", watched="", **{HONEYPOT: "x"})
    page = Page(answer.text)

    assert "Your browser may have filled in a hidden field" in page.words
    fields = {str(one["name"]): one for one in page.all("input") if one["type"] != "checkbox"}
    assert fields["address"]["value"] == MINA
    assert "value" not in fields[HONEYPOT]
    assert fields[HONEYPOT]["tabindex"] == "-1"
    assert fields[HONEYPOT]["autocomplete"] == "off"
    assert [one.get("id") for one in page.all("input") if "checked" in one] == ["movements_only-yes"]
    assert await service.letters() == []


# -- the link that has run out ----------------------------------------------------------------------------


async def test_confirming_late_says_so_and_changes_nothing(site: Site, service: Service) -> None:
    await pressed(site, "/join", address=MINA)
    link = link_to("confirm", await service.read(MINA, "confirm"))
    service.clock.on(days=7)

    assert (await site.get(link)).status_code == 410
    assert (await site.post(link)).status_code == 410
    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    assert found.standing is Standing.PENDING


async def test_pressing_confirm_again_is_no_error(site: Site, service: Service) -> None:
    """A scanner may have been there first."""
    await pressed(site, "/join", address=MINA)
    link = link_to("confirm", await service.read(MINA, "confirm"))

    pages = [await site.post(link), await site.post(link), await site.get(link)]

    assert {Page(page.text).heading for page in pages} == {"You’re subscribed"}
    assert ["from the next day" in page.text for page in pages] == [True, False, False], (
        "they may get one a week"
    )
    assert await service.kinds(MINA) == ["confirm", "welcome"]


async def test_who_has_left_can_come_back_from_the_letter(site: Site, service: Service) -> None:
    mina = await service.subscribed()
    await site.post(service.links.link(Purpose.LEAVE, mina.subscriber, mina.generation))
    link = link_to("come-back", await service.read(MINA, "left"))

    assert Page((await site.get(link)).text).heading == "Subscribe again?"
    assert Page((await site.post(link)).text).heading == "Check your email"
    await site.post(link_to("confirm", await service.read(MINA, "confirm")))

    assert (await service.now(mina.subscriber)).standing is Standing.ACTIVE


# -- managing -------------------------------------------------------------------------------------------


async def test_the_overview_shows_what_holds_and_masks_the_address(site: Site, service: Service) -> None:
    """An edition may have been forwarded."""
    link, _ = await manage(service, wishes=Wishes(inspectorates=("hmi-prisons",), commentary=False))

    answer = await site.get(link)

    assert "m…@example.org" in answer.text
    assert "mina@" not in answer.text
    assert "HM Inspectorate of Prisons<br>No comment from blogs" in answer.text


async def test_the_overview_says_that_the_weekly_sign_of_life_is_on(site: Site, service: Service) -> None:
    link, subscriber = await manage(service)
    assert "each week without an edition" not in (await site.get(link)).text

    await pressed(site, f"{link}/wishes", watched="", commentary="yes", proof_of_life="yes")

    assert (await service.now(subscriber)).wishes.proof_of_life
    assert "All inspectorates<br>A short email after a week without an edition" in (await site.get(link)).text


async def test_receipts_tell_how_many_editions_were_taken(site: Site, service: Service) -> None:
    """Am I still subscribed? is answered without a help desk."""
    link, subscriber = await manage(service)
    await an_edition_of(service.store, date(2026, 3, 2), subscriber, accepted=True)
    await an_edition_of(service.store, date(2026, 3, 3), subscriber, accepted=False)

    words = " ".join(Page((await site.get(link)).text).words.split())

    assert "1 of 2 editions sent, the last one on 2 March 2026 at 12:01" in words


async def test_wishes_are_changed_and_those_not_on_the_page_stay(site: Site, service: Service) -> None:
    link, subscriber = await manage(service, wishes=Wishes(providers=("leeds-pdu",)))

    await pressed(
        site,
        f"{link}/wishes",
        inspectorate="hmi-probation",
        movements_only="yes",
        proof_of_life="yes",
        watched="",
    )

    assert (await service.now(subscriber)).wishes == Wishes(
        inspectorates=("hmi-probation",),
        providers=("leeds-pdu",),
        movements_only=True,
        commentary=False,
        proof_of_life=True,
    )


OURS_NOT = [
    {"data": {"x": "1"}},
    {"data": {"inspectorate": "hmi-probation"}},
    {"files": {"inspectorate": (None, "hmi-probation"), "watched": (None, "")}},
    {"json": {"watched": "", "until": ""}},
    {},
]


@pytest.mark.parametrize("sent", OURS_NOT)
@pytest.mark.parametrize(("page", "heading"), [("wishes", "What you get"), ("pause", "Pause your emails")])
async def test_a_form_that_is_not_ours_changes_nothing_and_is_shown_again(
    site: Site, service: Service, sent: dict[str, Any], page: str, heading: str
) -> None:
    """What it leaves out would be taken for unticked, and an empty day for a pause without end."""
    link, _ = await manage(service, wishes=Wishes(inspectorates=("hmi-prisons",)))
    before = await service.everything()

    answer = await site.post(f"{link}/{page}", **sent)

    assert (answer.status_code, Page(answer.text).heading) == (422, heading)
    assert "We could not read what was sent, so nothing has changed" in answer.text
    assert await service.everything() == before


async def test_who_joins_by_no_form_of_ours_hears_of_everything(site: Site, service: Service) -> None:
    await pressed(site, "/join", address=MINA)

    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    assert found.wishes == Wishes()


async def test_a_pause_until_a_day_and_back(site: Site, service: Service) -> None:
    link, subscriber = await manage(service)

    await pressed(site, f"{link}/pause", until="24 12 2026")
    assert (await service.now(subscriber)).paused_until == date(2026, 12, 24)
    assert "paused until 24 December 2026" in (await site.get(link)).text
    await pressed(site, f"{link}/resume")

    assert (await service.now(subscriber)).standing is Standing.ACTIVE


@pytest.mark.parametrize(
    "until",
    [
        "4 3 2026",
        "4 March 2026",
        "4th march 2026",
        "04.03.26",
        "4/3/26",
        "Wednesday, 4 Mar. 2026",
        "2026-03-04",
    ],
)
async def test_a_day_is_taken_as_people_here_write_it(site: Site, service: Service, until: str) -> None:
    link, subscriber = await manage(service)

    await pressed(site, f"{link}/pause", until=until)

    assert (await service.now(subscriber)).paused_until == date(2026, 3, 4)


@pytest.mark.parametrize(
    "until",
    [
        "4 Marches 2026",
        "4 Ma 2026",
        "31 April 2026",
        "4 March 0026",
        "yesterday",
        "3 3 2026",
        "2026-13-01",
        "1 1 2031",
        "99 99 9999",
    ],
)
async def test_a_day_that_cannot_be_is_asked_for_again(site: Site, service: Service, until: str) -> None:
    link, subscriber = await manage(service)

    answer = await pressed(site, f"{link}/pause", until=until)

    assert answer.status_code == 422
    assert Page(answer.text).title.startswith("Error: ")
    assert (await service.now(subscriber)).standing is Standing.ACTIVE


async def test_an_address_is_changed_from_page_to_page(site: Site, service: Service) -> None:
    link, subscriber = await manage(service)

    await pressed(site, await own_link(site, service, link, "address"), address="mina@work.example.org")
    confirm = link_to("move", await service.read("mina@work.example.org", "confirm-move"))
    assert (await site.get(confirm)).status_code == 200
    assert (await service.now(subscriber)).address == MINA
    assert Page((await site.post(confirm)).text).heading == "Your address has changed"

    assert (await service.now(subscriber)).address == "mina@work.example.org"


async def test_the_export_is_a_file(site: Site, service: Service) -> None:
    link, _ = await manage(service)

    answer = await pressed(site, await own_link(site, service, link, "export"))

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.text)["address"] == MINA


async def test_erasing_asks_first(site: Site, service: Service) -> None:
    link, subscriber = await manage(service)

    erase = await own_link(site, service, link, "erase")
    assert Page((await site.get(erase)).text).heading == "Delete your data?"
    assert (await service.now(subscriber)).address == MINA
    await pressed(site, erase)

    assert (await service.now(subscriber)).address == ""
    assert Page((await site.get(link)).text).heading == "You have left"


async def test_a_page_says_when_nothing_was_sent_because_it_was_asked_too_often(
    site: Site, service: Service
) -> None:
    """Whoever sees it holds the subscriber's own link, so it tells no stranger anything."""
    link, _ = await manage(service)
    own = await own_link(site, service, link, "address")
    said = []
    for _ in range(5):
        service.clock.on(minutes=1)
        said.append(await site.post(f"{link}/erase"))
    moved = await pressed(site, own, address="new@example.org")

    assert [answer.status_code for answer in said] == [200, 200, 200, 429, 429]
    assert "We have not sent the email, because too many were requested." in said[-1].text
    assert (await service.kinds(MINA)).count("own-link") == 4
    assert moved.status_code == 429
    assert "We have not sent the email" in moved.text
    assert 'value="new@example.org"' in moved.text
    assert await service.letters("new@example.org") == []
    service.clock.on(hours=1)
    assert (await site.post(f"{link}/erase")).status_code == 200


async def test_strangers_on_the_same_network_use_up_nothing_of_a_subscribers_own_requests(
    site: Site, service: Service
) -> None:
    link, _ = await manage(service)
    for n in range(25):
        await pressed(site, "/join", address=f"stranger{n}@example.org")
        await pressed(site, "/fresh-link", address=MINA)

    for what in ("address", "export", "erase"):
        assert (await site.post(f"{link}/{what}")).status_code == 200
    assert (await service.kinds(MINA)).count("own-link") == 3


async def own_link(site: Site, service: Service, link: str, what: str) -> str:
    """Ask for the letter that lets its reader do something, and take the link out of it."""
    answer = await pressed(site, f"{link}/{what}")
    assert Page(answer.text).heading == "Check your email"
    return link_to(what, await service.read(MINA, "own-link"))


@pytest.mark.parametrize("what", ["address", "export", "erase"])
async def test_an_edition_in_the_wrong_hands_gives_nobody_away(
    site: Site, service: Service, what: str
) -> None:
    """Who was forwarded an edition may have the owner written to, and that is all."""
    link, subscriber = await manage(service)
    before = await service.now(subscriber)

    for answer in (
        await site.get(f"{link}/{what}"),
        await pressed(site, f"{link}/{what}", address="thief@example.org"),
    ):
        assert MINA not in answer.text
        assert f"/{what}/" not in answer.text.replace("manage/", "")

    assert await service.now(subscriber) == before
    assert await waits(service, subscriber) is False
    assert await service.kinds() == ["confirm", "welcome", "own-link"]
    assert await service.kinds(MINA) == await service.kinds()


@pytest.mark.parametrize("what", ["address", "export", "erase"])
async def test_a_link_that_only_the_owner_has_is_good_for_a_day_and_one_thing(
    site: Site, service: Service, what: str
) -> None:
    link, subscriber = await manage(service)
    own = await own_link(site, service, link, what)
    token = own.rpartition("/")[2]
    others = {"address", "export", "erase", "manage", "leave", "one-click", "confirm", "move"} - {what}

    for other in others:
        assert (await site.get(f"/{other}/{token}")).status_code == 404
    service.clock.on(hours=24)
    late = await site.post(own, data={"address": "mina@work.example.org"})

    assert late.status_code == 410
    assert MINA not in late.text
    assert (await service.now(subscriber)).address == MINA
    assert await waits(service, subscriber) is False


async def test_a_link_that_went_to_the_old_address_opens_nothing_at_the_new_one(
    site: Site, service: Service
) -> None:
    link, subscriber = await manage(service)
    export = await own_link(site, service, link, "export")
    service.clock.on(minutes=1)
    await pressed(site, await own_link(site, service, link, "address"), address="mina@new.example.org")
    await site.post(link_to("move", await service.read("mina@new.example.org", "confirm-move")))

    assert (await service.now(subscriber)).address == "mina@new.example.org"
    assert (await site.post(export)).status_code == 410


@pytest.mark.parametrize("then", ["nothing", "it bounces", "they want no email", "they complain"])
async def test_asking_to_move_tells_nobody_who_else_is_subscribed(
    site: Site, service: Service, then: str
) -> None:
    """Neither the page, nor what one can download of oneself afterwards, whatever became of the letter."""
    await service.subscribed("known@example.org")
    await service.store.subscriptions.suppress("barred@example.org", Suppression(why="law", since=START))
    said = set()
    for who in ("fresh", "known", "barred"):
        mina = await service.subscribed(f"mover-to-{who}@example.org")
        own = (mina.subscriber, mina.generation)
        until = service.clock.now() + timedelta(hours=24)
        link = service.links.expiring_link(Purpose.ADDRESS, *own, until)
        asked = await pressed(site, link, address=f"{who}@example.org")
        if who == "fresh":
            await _ends(site, service, then)
        held = json.loads((await site.post(service.links.expiring_link(Purpose.EXPORT, *own, until))).text)
        assert "number" not in held["subscription"]  # two would tell how many subscribers came between
        said.add((asked.text.replace(who, "X"), json.dumps(held).replace(who, "X")))

    assert len(said) == 1
    assert await service.kinds("fresh@example.org") == ["confirm-move"]
    assert await service.kinds("known@example.org") == ["confirm", "welcome"]
    assert await service.kinds("barred@example.org") == []


async def _ends(site: Site, service: Service, how: str) -> None:
    """What becomes of the letter to the new address."""
    alerts = OperatorAlerts(counts=service.store.counts, call=service._call, clock=service.clock)
    bounces = LetterBounces(
        bounces=DeliveryBounces(timetable=TIMETABLE, store=service.store, alerts=alerts, clock=service.clock)
    )
    number = len(await service.letters())
    match how:
        case "it bounces":
            await bounces.record(
                LetterReport(
                    letter=number, verdict=Verdict.HARD, status="5.1.1", code=550, text="", fingerprint="x"
                )
            )
        case "they complain":
            assert await bounces.end_for_complaint(number, "abuse")
        case "they want no email":
            letter = await service.read("fresh@example.org", "confirm-move")
            await site.post(link_to("never-again", letter))


async def test_a_link_to_confirm_is_no_way_to_the_subscription_once_it_has_done_its_work(
    site: Site, service: Service
) -> None:
    """It was for one thing: who has the letter later, or presses after a scanner, has their own mail."""
    await pressed(site, "/join", address=MINA)
    link = link_to("confirm", await service.read(MINA, "confirm"))
    assert "/manage/" in (await site.post(link)).text

    for days in (0, 2, 3):
        service.clock.on(days=days)
        for answer in (await site.get(link), await site.post(link)):
            assert Page(answer.text).heading == "You’re subscribed"
            assert "/manage/" not in answer.text


# -- what must not act ----------------------------------------------------------------------------------


def routes(app: Any) -> list[str]:
    """The path of every route there is; one of another sort would hide what is below it."""
    while not hasattr(app, "routes"):
        app = getattr(app, "_app", None) or app.app
    assert {type(route) for route in app.routes} == {Route}
    return [route.path for route in app.routes]


LOOKS = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Dest": "document"},
    {"Purpose": "prefetch", "X-Moz": "prefetch"},
    {"X-HTTP-Method-Override": "POST", "Content-Type": "application/x-www-form-urlencoded"},
)
"""Headers of those who look: scanners, browsers that fetch ahead, and clients that would rather post."""

ANSWERS = {"/operators/sign-in": {303}, "/operators/sign-out": {405}}
"""What those who look at some pages get, if it is no page."""


async def test_no_page_changes_anything_when_only_looked_at(app: Any, site: Site, service: Service) -> None:
    """Link scanners open every link, and some open it twice. Every route, with tokens that are good."""
    await service.enrolment.join("waiting@example.org", Wishes(), WEB)
    waiting = await service.store.subscriptions.find("waiting@example.org")
    mina = await service.subscribed()
    gone = await service.subscribed("gone@example.org")
    await service.enrolment.leave(gone.subscriber, gone.generation, WEB)
    own = (mina.subscriber, mina.generation)
    await service.address_changes.ask(*own, "new@example.org")
    await an_edition_of(service.store, date(2026, 3, 3), mina.subscriber, accepted=True)
    assert waiting is not None
    tokens = {
        "/leave/{token}": [service.links.tokens.sign(Purpose.LEAVE, *own)],
        "/one-click/{token}": [service.links.tokens.sign(Purpose.ONE_CLICK, *own)],
        **{f"/{what}/{{token}}": [service.links.tokens.sign(what, *own)] for what in WITHOUT},
        "/never-again/{token}": [service.links.tokens.sign_sealed(Purpose.NEVER_AGAIN, "ab" * 24)],
        "/manage/{token}": [service.links.tokens.sign(Purpose.MANAGE, *own)],
        "/manage/{token}/{what}": [
            f"{service.links.tokens.sign(Purpose.MANAGE, *own)}/{what}"
            for what in ("wishes", "watch", "pause", "resume", "address", "export", "erase", "nothing")
        ],
        **{
            f"/{what}/{{token}}": [
                service.links.expiring_link(what, *own, service.clock.now() + timedelta(hours=1)).rpartition(
                    "/"
                )[2]
            ]
            for what in EXPIRING
        },
        "/confirm/{token}": [
            service.links.tokens.sign(Purpose.CONFIRM, waiting.subscriber, waiting.generation)
        ],
        "/come-back/{token}": [
            service.links.tokens.sign(Purpose.COME_BACK, gone.subscriber, gone.generation)
        ],
        "/move/{token}": [
            link_to("move", await service.read("new@example.org", "confirm-move")).rpartition("/")[2]
        ],
        "/code/{token}": [service.enrolment.reference("waiting@example.org") + "?code=123001"],
        "/services/{inspectorate}/{address:path}": ["hmi-probation/kent-pdu", "other/nobody"],
        **{
            f"/services/{{inspectorate}}/{{address:path}}/feed.{form}": [
                f"hmi-probation/kent-pdu/feed.{form}"
            ]
            for form in ("atom", "json")
        },
        "/tables/{inspectorate}": ["hmi-probation", "nobody"],
        "/tables/{inspectorate}/{kind}": ["hmi-probation/pdu", "nobody/pdu"],
        "/api/v1/services/{id:path}": ["kent-pdu", "nobody"],
        "/api/v1/editions/{day}": ["2026-03-03", "2026-03-04"],
        "/archive/{month}": ["2026-03", "2026-04", "march"],
        "/edition/{day}": ["2026-03-03", "2026-03-04", "0001-01-01", "9999-12-31", "today"],
        "/operators/review/{case}": ["1", "nobody"],
        "/edition/{day}/reports": ["2026-03-03/reports?area=Kent", "today/reports"],
        "/edition/{day}/movements": ["2026-03-03/movements?area=Kent", "today/movements"],
    }
    until = service.clock.now() + timedelta(hours=1)
    site.cookies.set(COOKIE, session_token("Ada", until, b"8 octets", OPERATORS_KEY))
    before = await service.everything()
    looked = 0
    for route in routes(app):
        for rest in tokens.get(route, [""]):
            path = route.partition("{")[0] + rest
            for headers in LOOKS:
                for method in ("GET", "HEAD", "OPTIONS", "GET"):
                    answer = await site.request(method, path, headers=headers)
                    allowed = {405} if method == "OPTIONS" else ANSWERS.get(path, {200, 404})
                    assert answer.status_code in allowed, path
                    looked += 1
    for route in routes(app):
        assert "{" not in route or route in tokens, f"no token for {route}"

    assert looked >= 4 * len(LOOKS) * len(routes(app))
    assert await service.everything() == before


PURPOSES = {
    Purpose.CONFIRM: "/confirm/",
    Purpose.MANAGE: "/manage/",
    Purpose.COME_BACK: "/come-back/",
    Purpose.MOVE: "/move/",
    Purpose.ADDRESS: "/address/",
    Purpose.EXPORT: "/export/",
    Purpose.ERASE: "/erase/",
    Purpose.LEAVE: "/leave/",
    Purpose.ONE_CLICK: "/one-click/",
}


async def test_no_token_but_the_right_one_does_anything(site: Site, service: Service) -> None:
    """Forged, cut short, or made for something else."""
    await service.enrolment.join("waiting@example.org", Wishes(), WEB)
    waiting = await service.store.subscriptions.find("waiting@example.org")
    mina = await service.subscribed()
    assert waiting is not None
    before = await service.everything()

    for subscription in (waiting, mina):
        own = (subscription.subscriber, subscription.generation)
        for purpose, page in PURPOSES.items():
            wrong = [service.links.tokens.sign(other, *own) for other in Purpose if other is not purpose]
            wrong += [service.links.tokens.sign(purpose, *own)[:-1]]
            if purpose not in {Purpose.LEAVE, Purpose.ONE_CLICK}:  # which bring the link that works
                wrong += [service.links.tokens.sign(purpose, own[0], own[1] + 1)]
            right = service.links.tokens.sign(purpose, *own)
            wrong += [f"{right}=", f"{right}%0A", right.swapcase(), f"%25{ord(right[0]):02X}{right[1:]}"]
            wrong += [right.translate({ord("-"): "+", ord("_"): "%2F"})] if {"-", "_"} & set(right) else []
            wrong += ["forged", "%00", "a" * 3000, "é"]
            for token in wrong:
                for behind in ("", "/erase", "/pause", "/export") if purpose is Purpose.MANAGE else ("",):
                    answer = await site.post(f"{page}{token}{behind}")
                    assert answer.status_code in {404, 410, 405, 200}
                    assert subscription.address not in answer.text

    assert await service.everything() == before


async def test_a_link_that_a_mail_program_wrote_with_percent_signs_is_the_same_link(
    site: Site, service: Service
) -> None:
    """RFC 3986 section 6.2.2.2: that is another spelling of the address, not of the token in it."""
    mina = await service.subscribed()
    token = service.links.tokens.sign(Purpose.ONE_CLICK, mina.subscriber, mina.generation)
    written = "".join(f"%{ord(c):02X}" for c in token)

    answer = await site.post(f"/one-click/{written}", data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert (await service.now(mina.subscriber)).standing is Standing.ENDED


async def test_a_form_that_another_site_sends_changes_nothing_and_is_asked_for_again(
    site: Site, service: Service
) -> None:
    link, subscriber = await manage(service)
    before = await service.everything()
    for said in ("cross-site", "same-site"):
        for path in ("/join", f"{link}/erase", f"{link}/pause", link.replace("/manage/", "/leave/")):
            answer = await site.post(path, data={"address": MINA}, headers={"Sec-Fetch-Site": said})
            assert answer.status_code == 403
            assert "Please try again" in answer.text

    assert await service.everything() == before
    for said in ("same-origin", "none"):
        answer = await site.post(f"{link}/pause", data={"until": ""}, headers={"Sec-Fetch-Site": said})
        assert answer.status_code == 200
    assert (await service.steps(subscriber))[-1] is Step.PAUSED


async def test_half_a_form_changes_nothing(site: Site, service: Service) -> None:
    """What it leaves out would be taken for unticked."""
    link, subscriber = await manage(service, wishes=Wishes(movements_only=True))
    before = await service.everything()

    many = await site.post(f"{link}/wishes", content="&".join(["inspectorate=hmi-prisons"] * 300))
    none = await site.post(f"{link}/wishes")

    assert (many.status_code, Page(many.text).heading) == (400, "Please try again")
    assert (none.status_code, Page(none.text).heading) == (422, "What you get")
    assert await service.everything() == before
    assert (await service.now(subscriber)).wishes == Wishes(movements_only=True)


async def test_a_form_whose_sender_goes_away_is_no_trouble_of_ours(
    app: Any, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[dict[str, Any]] = []
    coming = [
        {"type": "http.request", "body": b"address=mina%40example.org&co", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return coming.pop(0)

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "http", "method": "POST", "path": "/join", "headers": [], "query_string": b""}
    await app({**scope, "client": ("192.0.2.1", 1), "server": ("x", 80), "scheme": "https"}, receive, send)

    assert said[0]["status"] == 408
    assert await service.letters() == []
    assert "Traceback" not in caplog.text


async def test_who_hides_where_they_are_shares_one_limit(app: Any, service: Service) -> None:
    """A header that some proxy lets through is no way round the limits."""
    for n, host in enumerate(["unknown", "_hidden", "1.2.3", *(f"forged{n}" for n in range(25))]):
        transport = httpx2.ASGITransport(app=app, client=(host, 1))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as site:
            said = (await pressed(site, "/join", address=f"r{n}@example.org")).status_code
            assert said == (200 if n < 20 else 429)
    await service.membership.intake.work_off()

    assert len(await service.letters()) == 20
    history = await service.store.subscriptions.history(1)
    assert [taken.evidence.origin for taken in history] == [""]


async def test_one_click_works_from_anywhere(site: Site, service: Service) -> None:
    """A mail program has no origin, or its own."""
    mina = await service.subscribed()
    one_click = service.links.link(Purpose.ONE_CLICK, mina.subscriber, mina.generation)

    answer = await site.post(one_click, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 200
    assert (await service.now(mina.subscriber)).standing is Standing.ENDED
    assert (await service.kinds(MINA))[-1] == "left"


# -- sharing and looks ----------------------------------------------------------------------------------


async def test_an_edition_is_there_for_everybody_from_noon(site: Site, service: Service) -> None:
    await an_edition_of(service.store, date(2026, 3, 4), 0, accepted=None)
    assert (await site.get("/edition/2026-03-04")).status_code == 404

    service.clock.on(hours=22)  # noon of the 4th
    answer = await site.get("/edition/2026-03-04")

    assert answer.status_code == 200
    assert "/leave/" not in answer.text
    assert "/manage/" not in answer.text
    assert 'href="../join"' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy


async def test_an_edition_that_many_look_at_is_laid_out_once(
    site: Site, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is passed on at noon, when there is else to do; and anybody may ask for it a thousand times."""
    days = [date(2026, 2, n) for n in range(1, 10)]
    for day in days:
        await an_edition_of(service.store, day, 0, accepted=None)
    laid_out: list[date] = []

    def counted(edition: Edition, **more: Any) -> EditionView:
        laid_out.append(edition.day)
        return whole_view(edition, **more)

    monkeypatch.setattr("digest.site.editions.whole_view", counted)

    answers = await asyncio.gather(*(site.get("/edition/2026-02-01") for _ in range(20)))
    assert len({answer.text for answer in answers}) == 1
    for day in days:
        assert (await site.get(f"/edition/{day}")).status_code == 200
    await site.get("/edition/2026-02-09")

    assert laid_out == days


async def test_every_page_can_be_read_aloud_and_used_by_keyboard(site: Site, service: Service) -> None:
    link, _ = await manage(service)
    paths = ["/", "/fresh-link", "/code/abc", "/nowhere", link]
    paths += [f"{link}/{what}" for what in ("wishes", "pause", "resume", "address", "export", "erase")]
    answers = [await site.get(path) for path in paths]
    answers += [await pressed(site, "/join", address=MINA), await pressed(site, "/join", address="no")]

    for answer in answers:
        page = Page(answer.text)
        ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
        assert len(ids) == len(set(ids))
        labelled = {attrs["for"] for attrs in page.all("label")}
        for one in (*page.all("input"), *page.all("textarea")):
            assert one.get("type") == "hidden" or one["id"] in labelled, one
        assert len(page.all("h1")) == len(page.all("main")) == 1
        assert page.all("html") == [{"lang": "en-GB"}]
        assert not page.all("script")
        assert not [attrs for _, attrs in page.tags if "style" in attrs]
        assert page.title.strip().endswith("– Inspections at Noon")
        asking = [form for form in page.all("form") if form.get("role") == "search"]
        assert all(form.get("method") == ("get" if form in asking else "post") for form in page.all("form"))
