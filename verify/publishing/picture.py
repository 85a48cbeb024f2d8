"""The pictures in the README: six places of the built site, as a reader's browser shows them."""

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from verify import ROOT
from verify.publishing.build import SITE
from verify.publishing.shown import shown

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
FOLDER, HOME = ROOT / ".github" / "pictures", "http://site.example/"
PLACES = {
    "claim": ("en/understand/", "#network-namespace"),
    "home": ("", "#host-network"),
    "matrix": ("en/matrix/", "#matrix"),
    "memo": ("memo/", "#eth0"),
    "page-of-a-claim": ("en/claims/handshake_is_seen_on_eth0/", "h1"),
    "errors": ("reference/errors/", "h1"),
}
"""By the file's name: the page, and what stands at the top of the picture."""
REFUSED = "host_and_a_user_network_are_refused"
FILE = FOLDER / "claim.png"
"""What stands for the whole site, in the README and where a link to a page is shown as a card."""


def take(site: Path, folder: Path) -> None:
    """Takes the pictures of a built site; Chromium must be there."""
    from playwright.sync_api import Route, sync_playwright  # slow, and others want no more than the names above

    def answer(route: Route) -> None:
        path = site / route.request.url.removeprefix(HOME).partition("?")[0]
        route.fulfill(path=path / "index.html" if path.is_dir() else path)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for name, (page, top) in PLACES.items():
            # As narrow as a page with both of its menus can be: README's readers see it smaller than it is.
            tab = browser.new_page(viewport={"width": 1220, "height": 720}, color_scheme="light")
            tab.route(f"{HOME}**", answer)
            tab.goto(HOME + page, wait_until="networkidle")
            if name == "errors":
                _paste(tab)
            tab.evaluate("document.querySelectorAll('.counterfactual').forEach(opposite => { opposite.open = true })")
            tab.locator(top).evaluate("element => scrollBy(0, element.getBoundingClientRect().top - 64)")
            tab.screenshot(path=folder / f"{name}.png", animations="disabled")
            tab.unroute_all(behavior="wait")  # scrolling may have asked for more
            tab.close()


def _paste(tab: "Page") -> None:
    """Pastes what an engine said into the field in which a reader looks for a message."""
    said = next(capture.stderr for capture in shown(REFUSED).holds if capture.stderr)
    tab.locator(".finder textarea").fill(said)
    tab.locator(".finder li").first.wait_for()


if __name__ == "__main__":
    if not CHROMIUM:
        sys.exit("picture: no Chromium here: install Debian's chromium, or any Chrome")
    if not SITE.exists():
        sys.exit("picture: no site here: build it with ./nox -s site")
    take(SITE, FOLDER)
    print(f"wrote {len(PLACES)} pictures into {FOLDER.relative_to(ROOT)}")
