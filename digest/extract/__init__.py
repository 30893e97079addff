"""Reading a page: from its bytes to what it says of inspections, each claim with its sentence.

    page -> floors -> blocks -> main text -> sentences -> statements -> verdict -> report

`docs/reading.md` follows one story through every step.
"""

from digest.extract.page_floors import NoReport, looked_at
from digest.extract.reading import as_contract, read

__all__ = ["NoReport", "as_contract", "looked_at", "read"]
