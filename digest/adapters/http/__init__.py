"""Fetching over HTTP: polite to hosts, and guarded against addresses that a feed must not reach."""
