"""Diagnosing: what receivers would look up, and what was found, become checks with an outcome each.

Pure: an inquiry says what it wants to know of the DNS and is told; who asks is not its business.
"""

from digest.diagnose.checks import Check, Outcome
from digest.diagnose.questions import Answer, Found, Inquiry, Kind, Question, Silence

__all__ = ["Answer", "Check", "Found", "Inquiry", "Kind", "Outcome", "Question", "Silence"]
