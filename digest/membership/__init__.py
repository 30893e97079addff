"""Joining, confirming, changing and leaving: one flow, by web, by mail and by operators."""
