"""The public site: the same pages for everybody, found by search engines and kept by caches.

It only reads, and knows no subscriber. Each family of pages is a module with a function `routes(site)`;
`families.py` lists them all. Builders of pages use `Site.pages`, which renders a page once and answers
conditional requests.
"""

from digest.site.families import MENU, routes_of
from digest.site.kept import KeptPages
from digest.site.pages import PublicPages
from digest.site.site import Site

__all__ = ["MENU", "KeptPages", "PublicPages", "Site", "routes_of"]
