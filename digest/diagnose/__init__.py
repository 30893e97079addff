"""Checks of what decides whether our mail arrives; one module for each area of `digest doctor`.

Pure: `inspect...` returns an inquiry, which yields questions to the DNS and is sent the answers; `judge...`
takes what a probe found. `adapters/lookups.py` and `adapters/probes.py` do the asking.
"""

from digest.diagnose.checks import Answer, Check, Found, Inquiry, Kind, Outcome, Question, Silence

__all__ = ["Answer", "Check", "Found", "Inquiry", "Kind", "Outcome", "Question", "Silence"]
