"""The renderer: what is escaped, what shadows what, and what a template may not do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from digest.adapters.templates import TemplateRenderer, escaped, sentence, wrap


@pytest.fixture
def rendered(tmp_path):
    """Render a text as a template of a given name."""

    def render(name: str, text: str, **values: object) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return TemplateRenderer([tmp_path]).render(name, values)

    return render


@pytest.mark.parametrize(
    ("name", "is_escaped"),
    [
        ("body.html", True),
        ("body.html.j2", True),
        ("BODY.HTML.jinja", True),
        ("body.htm", True),
        ("feed.xml", True),
        ("no-ending", True),
        ("body.txt", False),
        ("subject.txt.jinja2", False),
        ("style.css", False),
        (None, True),
    ],
)
def test_the_inner_ending_decides_on_escaping(name, is_escaped):
    assert escaped(name) is is_escaped


def test_html_is_escaped_and_text_is_not(rendered):
    assert rendered("a.html", "{{ x }}", x="<b>&\"'") == "&lt;b&gt;&amp;&#34;&#39;"
    assert rendered("a.txt", "{{ x }}", x="<b>&\"'") == "<b>&\"'"


def test_a_name_that_was_not_given_is_an_error(rendered):
    with pytest.raises(UndefinedError):
        rendered("a.txt", "{{ missing }}")


@pytest.mark.parametrize(
    "attack", ["{{ x.__class__.__mro__ }}", "{{ ''.__class__ }}", "{{ x.append(1) }}", "{{ x.__init__ }}"]
)
def test_a_template_reaches_nothing_behind_its_values(rendered, attack):
    with pytest.raises((SecurityError, UndefinedError)):
        rendered("a.txt", attack, x=[1])


@pytest.mark.parametrize("name", ["range", "dict", "lipsum", "cycler", "namespace"])
def test_a_template_has_no_globals(rendered, name):
    with pytest.raises(UndefinedError):
        rendered("a.txt", "{{ " + name + "() }}")


def test_the_operators_template_shadows_ours_file_by_file(tmp_path):
    own, packaged = tmp_path / "own", tmp_path / "packaged"
    own.mkdir()
    packaged.mkdir()
    (packaged / "words.txt").write_text("ours")
    (packaged / "page.txt").write_text("{% include 'words.txt' %}, and our page")
    (own / "words.txt").write_text("theirs")

    assert TemplateRenderer([own, packaged]).render("page.txt", {}) == "theirs, and our page"


def test_a_directory_that_is_not_there_shadows_nothing(tmp_path):
    (tmp_path / "a.txt").write_text("ours")

    assert TemplateRenderer([tmp_path / "none", tmp_path]).render("a.txt", {}) == "ours"


def test_a_mail_has_its_styles_on_its_elements_and_keeps_its_at_rules(rendered):
    style = "<style>p{color:red}@media print{p{color:blue}}</style>"

    html = rendered("mail/a/body.html", f"<html><head>{style}</head><body><p>x</p></body></html>")

    assert '<p style="color: red;">' in html
    assert "@media print" in html
    assert "p{color:red}" not in html


def test_a_page_of_the_site_is_left_as_it_is(rendered):
    page = "<style>p{color:red}</style>\n  <p>x</p>"

    assert rendered("web/a.html", page) == page


def test_inlining_does_not_undo_the_escaping(rendered):
    html = rendered("mail/a/body.html", '<p title="{{ x }}">{{ x }}</p>', x='"><script>&lt;')

    # HTML's own way to write an attribute: there only the quote and "&" need it.
    assert '<p title="&quot;><script>&amp;lt;">"&gt;&lt;script&gt;&amp;lt;</p>' in html


def test_blank_lines_in_a_text_mail_never_pile_up(rendered):
    assert rendered("mail/a/body.txt", "\n\none\n\n \n\n\ntwo  \n\n  three\n") == "one\n\ntwo\n\n  three\n"


@given(st.text(st.sampled_from("abc  \n-"), max_size=400), st.integers(0, 4))
def test_wrapping_keeps_every_word_in_order(text, indent):
    lines = wrap(text, indent).splitlines()

    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= 72 or " " not in line.strip() for line in lines)


def test_wrapping_never_breaks_an_address():
    address = "https://example.org/" + "a-long-path/" * 10

    assert address in wrap(f"Read it at {address} today").splitlines()


def test_a_bullet_hangs():
    assert wrap("word " * 20, bullet="- ").splitlines()[1].startswith("  word")


@pytest.mark.parametrize(
    ("text", "said"), [("requires improvement", "Requires improvement"), ("HMP Leeds", "HMP Leeds"), ("", "")]
)
def test_a_sentence_begins_with_a_capital_and_keeps_the_rest(text, said):
    assert sentence(text) == said


# -- what is said once --------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", ["card.html", "card.txt"])
@pytest.mark.parametrize("page", ["page.html", "page.txt"])
def test_a_macro_that_is_called_once_says_what_it_says_each_time(tmp_path, card, page):
    (tmp_path / card).write_text("{% macro card(text) %}<b>{{ text }}</b>{% endmacro %}")
    own = f'{{% import "{card}" as say %}}{{{{ say.card | once(text) }}}} {{{{ say.card(text) }}}}'
    (tmp_path / page).write_text(own)
    renderer = TemplateRenderer([tmp_path])

    for text in ("a < b", "other", "a < b"):
        once, each_time = renderer.render(page, {"text": text}).split("</b> ")
        assert f"{once}</b>" == each_time


def test_nothing_but_a_macro_is_called_once(rendered):
    with pytest.raises(TypeError, match="only a macro"):
        rendered("page.html", "{{ word.upper | once }}", word="a")
