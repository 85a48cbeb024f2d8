"""A reader's choice of an engine, and the matrix of all claims, in a real browser."""

import pytest

from verify.judging import claim
from verify.publishing.claim_page import states
from verify.publishing.variants import variants

pytestmark = pytest.mark.browser
FLAGS, MATRIX = "en/reference/flags/", "en/matrix/"
CHOICE = ".engine-choice select"
ORDER = """name => [...document.querySelectorAll(`.capture[data-claim="${name}"]`)]
    .filter(figure => !figure.closest(".counterfactual"))
    .map(figure => (figure.closest("[data-engines]") ?? figure).getAttribute("data-engines") ?? "shown")"""
OTHER = "loopback_name_server_is_warned_of"
"""A claim that older engines answer in other words, and of which the newest says nothing."""


@pytest.fixture
def page(browser):
    """A tab with a store of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def rows(tab):
    """The names of the claims that the matrix shows."""
    links = tab.locator(".matrix tbody:not([hidden]) tr:not([hidden]) a")
    return [link.split("/")[-2] for link in links.evaluate_all("links => links.map(link => link.href)")]


def test_output_of_the_chosen_engine_comes_first_and_nothing_is_lost(page, address):
    page.goto(address + FLAGS)
    before, text = page.evaluate(ORDER, OTHER), page.locator("article").text_content()
    assert before[0] == "shown"
    page.locator(CHOICE).select_option("docker-26")
    after = page.evaluate(ORDER, OTHER)
    assert "docker-26" in after[0].split()
    assert sorted(after) == sorted(before)
    page.locator(CHOICE).select_option("")
    assert page.evaluate(ORDER, OTHER) == before
    assert page.locator("article").text_content() == text


def test_choice_is_kept_over_pages_and_languages(page, address):
    page.goto(address + FLAGS)
    page.locator(CHOICE).select_option("podman-5.4")
    page.goto(address + "claims/docker0_stays_silent/")
    assert page.locator(CHOICE).input_value() == "podman-5.4"
    assert "podman-5.4" in page.locator("section.variant").first.get_attribute("data-engines").split()


def test_claim_that_does_not_speak_of_the_chosen_engine_says_so(page, address):
    page.goto(address + FLAGS)
    notes = page.locator(".claim__not")
    assert notes.count() == 0
    page.locator(CHOICE).select_option("docker-29")
    assert page.locator(f"#claim-{OTHER} .claim__not").text_content() == "This claim does not speak of Docker 29.7.2."
    silent = [
        name for name, declared in claim.declared().items() if "docker-29" not in {e.name for e in declared.engines}
    ]
    here = page.locator(".claim").evaluate_all("boxes => boxes.map(box => box.dataset.claim)")
    assert notes.count() == len(set(here) & set(silent)) > 0


def test_store_that_refuses_or_names_no_engine_does_no_harm(page, address):
    page.add_init_script("localStorage.setItem('engine', 'docker-1')")
    page.goto(address + FLAGS)
    assert page.locator(CHOICE).input_value() == ""
    assert page.evaluate(ORDER, OTHER)[0] == "shown"


def test_without_a_script_the_newest_comes_first(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address + FLAGS)
    assert not tab.locator(CHOICE).is_visible()
    tab.goto(address + MATRIX)
    assert not tab.locator(".matrix__filters").is_visible()
    assert tab.locator(".matrix tbody th[scope=row]").count() == len(claim.declared())
    context.close()


@pytest.mark.parametrize("engine", ["docker-26", "podman-4.3"])
def test_matrix_shows_what_is_asked_for(page, address, engine):
    page.goto(address + MATRIX)
    assert sorted(rows(page)) == sorted(claim.declared())
    page.locator("[name=engine]").select_option(page.locator(f"option[data-engine='{engine}']").get_attribute("value"))
    for which in ("same", "other", "none"):
        page.locator("[name=show]").select_option(which)
        assert set(rows(page)) == {name for name in claim.declared() if states(name)[engine] == which}
        assert page.locator(".matrix [role=status]").text_content().startswith(f"{len(rows(page))} of ")
    page.locator("[name=show]").select_option("moved")
    newest = "docker-29" if engine.startswith("docker") else "podman-6.1"

    def group(name, of):
        return next((n for n, each in enumerate(variants(name)) if of in {seen.engine for seen in each.seen}), None)

    assert set(rows(page)) == {name for name in claim.declared() if group(name, engine) != group(name, newest)}


def test_matrix_is_looked_through_by_word_and_topic(page, address):
    page.goto(address + MATRIX)
    page.locator(".matrix input").fill("docker0")
    found = rows(page)
    assert "docker0_stays_silent" in found
    assert len(found) < len(claim.declared()) / 3
    page.locator(".matrix input").fill("")
    page.locator("[name=topic]").select_option(index=1)
    assert page.locator(".matrix tbody:not([hidden])").count() == 1
