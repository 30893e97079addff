"""Subscriptions and what belongs to them: addresses, steps, requests, watches, erasure."""
