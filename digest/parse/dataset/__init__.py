"""Datasets: the rows of a publisher's table as records, compared with what is remembered of them."""

from __future__ import annotations

from digest.parse.dataset.compared import Compared, Document, read_dataset

__all__ = ["Compared", "Document", "read_dataset"]
