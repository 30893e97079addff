"""GOV.UK on loopback: its search API, its content API and its files, in the shapes of alphagov's schemas.

site = Site(publisher)
site.publish("/government/news/a", title="A", body="<p>Words.</p>")
site.change("/government/news/a", note="A date was mended.", at=...)
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from servers.publisher import Publisher, say

SEARCH: Final = (
    "/api/search.json?filter_organisations=regulator&filter_content_store_document_type=decision"
    "&order=-public_timestamp&fields=title,link,description,public_timestamp,content_id"
    ",latest_change_note,is_withdrawn&count=50&start=0"
)
"""What is asked of the search for the pages of one organisation and of one type."""


@dataclass
class Site:
    """What stands on GOV.UK; each change is served at once."""

    publisher: Publisher
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, dict[str, Any]] = field(default_factory=dict)

    def publish(
        self,
        path: str,
        *,
        title: str,
        at: datetime,
        body: str = "",
        first: datetime | None = None,
        note: str = "First published.",
        attachments: tuple[dict[str, str], ...] = (),
        listed: bool = True,
        **more: Any,
    ) -> None:
        """Publish a page, or change it; `first` is when it was first published, if not now."""
        self.contents[path] = {
            "base_path": path,
            "content_id": f"id-of{path}",
            "schema_name": "publication",
            "document_type": "decision",
            "title": title,
            "description": f"About {title}.",
            "first_published_at": (first or at).isoformat(),
            "public_updated_at": at.isoformat(),
            "details": {
                "body": f'<div class="govspeak">{body}</div>',
                "attachments": list(attachments),
                "change_history": [{"note": note, "public_timestamp": at.isoformat()}],
            },
            "withdrawn_notice": {},
            "links": {},
        } | more
        if listed:
            self.results[path] = {
                "title": title,
                "link": path,
                "description": f"About {title}.",
                "public_timestamp": at.isoformat(),
                "content_id": f"id-of{path}",
                "latest_change_note": note,
                "_id": path,
                "index": "govuk",
            }
        self.serve()

    def move(self, path: str, to: str) -> None:
        said = {"path": path, "type": "exact", "destination": to}
        self.contents[path] = {"base_path": path, "schema_name": "redirect", "redirects": [said]}
        self.serve()

    def serve(self) -> None:
        found = sorted(self.results.values(), key=lambda one: one["public_timestamp"], reverse=True)
        answer = {
            "results": found,
            "total": len(found),
            "start": 0,
            "aggregates": {},
            "suggested_queries": [],
        }
        self.publisher.routes[SEARCH] = say(200, json.dumps(answer).encode(), Content_Type="application/json")
        for path, content in self.contents.items():
            body = json.dumps(content).encode()
            self.publisher.routes[f"/api/content{path}"] = say(200, body, Content_Type="application/json")
