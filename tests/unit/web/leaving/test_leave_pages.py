"""LeavePages, by hand and by program; and everything that must not make anybody leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from digest.subscriptions import Standing, Step
from digest.tokens import Purpose

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
ONE_CLICK_FORM = {"List-Unsubscribe": "One-Click"}


class Page(HTMLParser):
    """The tags of a page, and the words of its headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.text: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside.append(tag)

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if self.inside:
            self.text[self.inside[-1]] = self.text.get(self.inside[-1], "") + data

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def link(links, purpose, subscription):
    return links.link(purpose, subscription.subscriber, subscription.generation)


@pytest.fixture
def leave(links, mina):
    return link(links, Purpose.LEAVE, mina)


@pytest.fixture
def one_click(links, mina):
    return link(links, Purpose.ONE_CLICK, mina)


# -- by hand --------------------------------------------------------------------------------------------


def test_the_page_asks_with_one_button_and_a_masked_address(site, leave):
    page = site.get(leave)

    assert page.status_code == 200
    assert Page(page.text).count("button") == 1
    assert "m…@example.org" in page.text
    assert "mina@" not in page.text


def test_pressing_the_button_ends_the_subscription(site, leave, store):
    answer = site.post(leave)

    assert answer.status_code == 200
    assert Page(answer.text).text["h1"] == "You have left"
    assert store.steps == [(7, 2, Step.LEFT, NOW)]


def test_pressing_twice_does_no_harm(site, leave, store):
    first, second = site.post(leave), site.post(leave)

    assert first.text == second.text
    assert len(store.steps) == 1


def test_the_link_says_so_once_one_has_left(site, leave):
    site.post(leave)

    assert Page(site.get(leave).text).text["h1"] == "You have left"


def test_one_who_has_not_confirmed_yet_may_leave(site, leave, store, mina):
    store.rows[7] = replace(mina, standing=Standing.PENDING)

    site.post(leave)

    assert store.rows[7].standing is Standing.ENDED


def test_one_whom_we_no_longer_know_is_told_they_have_left(site, leave, store):
    store.rows.clear()

    assert Page(site.get(leave).text).text["h1"] == "You have left"
    assert site.post(leave).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_of_an_earlier_subscription_leaves_the_new_one_alone(site, links, store, mina, method):
    answer = site.request(method, link(links, Purpose.LEAVE, replace(mina, generation=1)))

    assert answer.status_code == 410
    assert "latest email" in answer.text
    assert store.steps == []


def test_when_leaving_fails_the_page_does_not_say_it_worked(site, leave, store):
    store.broken = True

    answer = site.post(leave)

    assert answer.status_code == 500
    assert "you may still be on it" in answer.text
    assert answer.headers["Content-Security-Policy"]


# -- by program -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_body",
    [
        {"data": ONE_CLICK_FORM},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},  # multipart, as some programs send it
        {"content": b""},
        {"content": b"something else", "headers": {"Content-Type": "text/plain"}},
        {"content": b"\xff\x00 not a form", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    ],
)
def test_one_post_is_enough_whatever_its_body(site, one_click, store, request_body):
    """RFC 8058 section 3."""
    answer = site.post(one_click, **request_body)

    assert answer.status_code == 200
    assert store.steps == [(7, 2, Step.LEFT, NOW)]


def test_one_click_needs_no_cookie_and_sets_none(site, one_click):
    answer = site.post(one_click, data=ONE_CLICK_FORM)

    assert "Set-Cookie" not in answer.headers
    assert "Location" not in answer.headers


def test_one_click_may_come_from_anywhere(site, one_click, store):
    """No check of origin may stand between a mail program and the way out."""
    headers = {"Origin": "https://mail.example.com", "Sec-Fetch-Site": "cross-site"}

    assert site.post(one_click, data=ONE_CLICK_FORM, headers=headers).status_code == 200
    assert len(store.steps) == 1


def test_one_click_repeated_is_still_a_success(site, one_click, store):
    assert [site.post(one_click, data=ONE_CLICK_FORM).status_code for _ in range(3)] == [200, 200, 200]
    assert len(store.steps) == 1


@pytest.mark.parametrize(("purpose", "status"), [(Purpose.ONE_CLICK, 200), (Purpose.LEAVE, 410)])
def test_nobody_who_stays_is_told_that_they_have_left(site, links, store, mina, purpose, status):
    """Mail programs need the answer 200 (RFC 8058); a person reads on the page that nothing has ended."""
    answer = site.post(link(links, purpose, replace(mina, generation=1)), data=ONE_CLICK_FORM)

    assert answer.status_code == status
    assert Page(answer.text).text["h1"] == "This link is from an earlier subscription"
    assert "You are still subscribed." in answer.text
    assert store.steps == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_the_one_click_address_shows_the_button(site, one_click, store, method):
    answer = site.request(method, one_click)

    assert answer.status_code == 200
    assert store.steps == []


def test_the_button_on_the_one_click_page_works(site, one_click, store):
    form = next(attrs for tag, attrs in Page(site.get(one_click).text).tags if tag == "form")

    assert form == {"method": "post"}  # no action: it posts to the address it stands at
    assert site.post(one_click).status_code == 200
    assert len(store.steps) == 1


# -- what must not act ----------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["leave", "one-click"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("token", ["forged", "WzcsMl0", "WzcsMl0.", "%00", "a" * 5000, "é", "..%2F"])
def test_a_forged_token_changes_nothing_and_says_so_plainly(site, store, purpose, method, token):
    answer = site.request(method, f"/{purpose}/{token}")

    pressed = (purpose, method) == ("one-click", "POST") and token != "..%2F"  # that leads elsewhere
    assert answer.status_code == (200 if pressed else 404)
    if method != "HEAD":
        assert "check that you copied all of it" in answer.text
    assert store.steps == []


def test_a_truncated_link_changes_nothing(site, leave, store):
    assert site.post(leave[:-3]).status_code == 404
    assert store.steps == []


def test_a_token_for_the_page_does_not_open_the_one_click_address(site, leave, store):
    answer = site.post(leave.replace("/leave/", "/one-click/"))

    assert (answer.status_code, store.steps) == (200, [])  # as to any program that presses the button
    assert "check that you copied all of it" in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused_with_those_allowed(site, leave, store, method):
    answer = site.request(method, leave)

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert "<h1>This page cannot do that</h1>" in answer.text
    assert "Nothing has changed" in answer.text
    assert store.steps == []


def test_a_body_too_large_is_refused_before_anything_is_done(site, leave, one_click, store):
    def endless():
        for _ in range(100):
            yield b"x" * 1000

    for body in (b"x" * 20_000, endless()):
        answer = site.post(leave, content=body)
        assert answer.status_code == 413
        assert "<h1>Your form is too long</h1>" in answer.text
        assert "Nothing has changed" in answer.text
    for body in (b"x" * 20_000, endless()):
        answer = site.post(one_click, content=body)
        assert (answer.status_code, answer.text) == (413, "Content Too Large")  # a program asks
    assert store.steps == []


# -- how it is served -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/leave/forged", "/nowhere", "/style.css", "/health/live"])
def test_every_answer_carries_the_security_headers(site, path):
    headers = site.get(path).headers

    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_refusals_carry_the_security_headers_too(site, leave):
    for answer in (site.put(leave), site.post(leave, content=b"x" * 20_000)):
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_pages_are_not_kept_by_caches(site, leave):
    assert site.get(leave).headers["Cache-Control"] == "no-store"


def pages(site, links, mina):
    yield site.get(link(links, Purpose.LEAVE, mina))
    yield site.get(link(links, Purpose.LEAVE, replace(mina, generation=1)))
    yield site.get("/leave/forged")
    yield site.post(link(links, Purpose.LEAVE, mina))


def test_pages_are_accessible_and_need_no_script(site, links, mina):
    for answer in pages(site, links, mina):
        page = Page(answer.text)
        assert ("html", {"lang": "en-GB"}) in page.tags
        assert page.count("h1") == page.count("main") == page.count("title") == 1
        assert page.text["title"].endswith("– Inspections at Noon")
        assert any(attrs.get("name") == "viewport" for _, attrs in page.tags)
        assert page.count("script") == page.count("style") == page.count("img") == 0
        assert not any("style" in attrs or any(a.startswith("on") for a in attrs) for _, attrs in page.tags)


@pytest.mark.parametrize(
    ("path", "sheet"),
    [("/leave/forged", "../style.css"), ("/nowhere", "./site.css"), ("/a/b/c", "../../site.css")],
)
def test_pages_find_their_style_under_any_path_of_a_proxy(site, path, sheet):
    page = Page(site.get(path).text)

    assert ("link", {"rel": "stylesheet", "href": sheet}) in page.tags


def test_the_style_is_served(site):
    sheet = site.get("/style.css")

    assert sheet.headers["Content-Type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in sheet.text
    assert ":focus-visible" in sheet.text


def test_the_name_of_the_service_is_escaped(site, links, mina, store):
    store.rows[7] = replace(mina, address="m@<b>.example.org")

    assert "@&lt;b&gt;.example.org" in site.get(link(links, Purpose.LEAVE, mina)).text


# -- for the operator's tools ---------------------------------------------------------------------------


def test_live_says_that_the_process_answers(site, health):
    health.well = False

    assert site.get("/health/live").status_code == 200


def test_ready_says_whether_the_store_can_be_reached(site, health):
    assert site.get("/health/ready").status_code == 200

    health.well = False

    assert site.get("/health/ready").status_code == 503
