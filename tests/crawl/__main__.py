"""The command: `python -m crawl --pages 10000`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from crawl.world import served
from digest.adapters.config.packaged import copy_config
from digest.app.directory import configured, open_database


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m crawl", description=__doc__)
    words.add_argument("--pages", type=int, default=10_000)
    words.add_argument("--providers", type=int, default=5_000)
    given = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="crawl-") as folder:
        return asyncio.run(_crawl(Path(folder), given))


async def _crawl(config: Path, given: argparse.Namespace) -> int:
    copy_config(config)
    settings, secrets = configured(config)
    database = open_database(settings, secrets, config)
    await database.create()
    await database.dispose()
    async with served(config, providers=given.providers, stories=40) as site:
        before, began = await site.rows(), time.perf_counter()
        crawl = site.crawler(given.pages)
        await crawl.run("", "sitemap.xml")
        seconds = time.perf_counter() - began
        after = await site.rows()
    changed = sorted(name for name, rows in after.items() if rows != before[name])
    print(
        f"{crawl.fetched:,} pages in {seconds:.0f} s, {crawl.redirected} redirected, {crawl.octets:,} octets"
    )
    print(f"{len(crawl.troubles)} troubles; tables that changed: {', '.join(changed) or 'none'}")
    for trouble in crawl.troubles[:50]:
        print(f"  {trouble}")
    return 1 if crawl.troubles or changed else 0


if __name__ == "__main__":
    sys.exit(main())
