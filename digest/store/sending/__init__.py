"""Deliveries: their plan, batches and leases, the ledger, and what holds sending back."""
