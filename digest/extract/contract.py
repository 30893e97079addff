"""The reading as plain JSON values, in the shape that other programs rely on."""

from __future__ import annotations

from typing import Any

from digest.reports import Claim, Reading, Report


def as_contract(reading: Reading) -> dict[str, Any]:
    """A reading as a JSON object; a key is never absent, what the text does not say is null.

    `kind` is inspection, multi, thematic or other; grades and scales are named as in the scales' files.
    """
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
        "overall": _value(report.overall),
        "previous": _value(report.previous),
        "direction": str(report.claims),
        "judgements": [
            {"aspect": j.aspect, "grade": j.grade, "previous": j.previous, "evidence": j.evidence}
            for j in report.judgements
        ],
        "findings": [{"heading": f.heading, "kind": str(f.kind), "text": f.text} for f in report.findings],
        "evidence": {
            "overall": _evidence(report.overall),
            "previous": _evidence(report.previous),
            "direction": _evidence(report.direction),
        },
    }


def _value(claim: Claim | None) -> str | None:
    return claim.value if claim else None


def _evidence(claim: Claim | None) -> str | None:
    return claim.evidence if claim else None
