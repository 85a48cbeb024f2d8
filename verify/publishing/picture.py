"""The picture in the README: a claim on the built site, as a reader's browser shows it, with its opposite world opened."""

import shutil
import sys
from pathlib import Path

from verify import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SITE, FILE = ROOT / "site", ROOT / ".github" / "site.png"
HOME, PAGE, HEADING = "http://site.example/", "en/understand/", "#network-namespace"


def take(site: Path, file: Path) -> None:
    """Takes the picture of a built site; Chromium must be there."""
    from playwright.sync_api import Route, sync_playwright  # slow, and others want no more than the names above

    def answer(route: Route) -> None:
        path = site / route.request.url.removeprefix(HOME)
        route.fulfill(path=path / "index.html" if path.is_dir() else path)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        # As narrow as a page with both of its menus can be: README's readers see it smaller than it is.
        tab = browser.new_page(viewport={"width": 1220, "height": 720}, color_scheme="light")
        tab.route(f"{HOME}**", answer)
        tab.goto(HOME + PAGE, wait_until="networkidle")
        tab.locator(".counterfactual").first.evaluate("opposite => opposite.open = true")
        tab.locator(HEADING).evaluate("heading => scrollBy(0, heading.getBoundingClientRect().top - 64)")
        tab.screenshot(path=file, animations="disabled")
        tab.unroute_all(behavior="wait")  # scrolling may have asked for more


if __name__ == "__main__":
    if not CHROMIUM:
        sys.exit("picture: no Chromium here: install Debian's chromium, or any Chrome")
    if not SITE.exists():
        sys.exit("picture: no site here: build it with ./nox -s site")
    take(SITE, FILE)
    print(f"wrote {FILE.relative_to(ROOT)}")
