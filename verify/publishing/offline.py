"""The whole site in one file, to be read without a server: all of it works then but the search, which fetches."""

import re
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from verify import ROOT
from verify.publishing.build import SITE

NAME, FOLDER = "offline.zip", "docker-host-network"
"""What the file is called, and the folder that it unpacks to."""
TO_A_FOLDER = re.compile(r'( href="(?![a-z]+:|/)(?:[^"#?]*/|(?:\.\./)*\.{1,2}))(#[^"]*)?(?=")')
TO_ITSELF = re.compile(rf'<p class="answers offline".*{re.escape(NAME)}.*?</p>')
ON_THE_WEB_ONLY = {"404.html", "robots.txt", "sitemap.xml", "sitemap.xml.gz", "SHA256SUMS", NAME}


def pack(site: Path) -> Path:
    """Writes the file into a built site, the same bytes for the same site, and returns where it is."""
    files = sorted(file for file in site.rglob("*") if file.is_file() and file.name not in ON_THE_WEB_ONLY)
    with ZipFile(site / NAME, "w", ZIP_DEFLATED) as archive:
        for file in files:
            content = file.read_bytes()
            if file.suffix == ".html":
                content = _whole(content.decode()).encode()
            archive.writestr(_entry(file.relative_to(site)), content)
    return site / NAME


def _whole(page: str) -> str:
    """A page whose links name files: a browser finds no index.html in a folder by itself where no server does."""
    page = TO_ITSELF.sub("", page)
    return TO_A_FOLDER.sub(lambda found: f"{found[1].removesuffix('/')}/index.html{found[2] or ''}", page)


def _entry(file: Path) -> ZipInfo:
    entry = ZipInfo(f"{FOLDER}/{file}")  # of 1980, whenever it is made
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


if __name__ == "__main__":
    if not (SITE / "index.html").exists():
        sys.exit("offline: no site here: build it with ./nox -s site")
    written = pack(SITE)
    print(f"wrote {written.relative_to(ROOT)}, {written.stat().st_size / 1e6:.1f} MB")
