"""A reading as the JSON that scripts rely on; its keys and their meaning do not change."""

from __future__ import annotations

from typing import Any

from digest.reports import Reading, Report


def as_contract(reading: Reading) -> dict[str, Any]:
    """The reading as plain values: dates as YYYY-MM-DD, grades and scales in lower case, null where silent."""
    return {
        "kind": str(reading.kind),
        "inspectorate": reading.inspectorate,
        "published": reading.published.isoformat() if reading.published else None,
        "title": reading.title,
        "reports": [_report(report) for report in reading.reports],
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "provider": report.provider,
        "scale": report.scale,
        "overall": report.overall.value if report.overall else None,
        "previous": report.previous.value if report.previous else None,
        "direction": str(report.claims),
        "judgements": [
            {"aspect": j.aspect, "grade": j.grade, "previous": j.previous, "evidence": j.evidence}
            for j in report.judgements
        ],
        "findings": [{"heading": f.heading, "kind": str(f.kind), "text": f.text} for f in report.findings],
        "evidence": {
            "overall": report.overall.evidence if report.overall else None,
            "previous": report.previous.evidence if report.previous else None,
            "direction": report.direction.evidence if report.direction else None,
        },
    }
