"""Reading: a page becomes a reading, each claim in it with the sentence that carries it.

page -> main text -> blocks -> sentences -> claims -> report; each step is pure and in a module of its own.
"""

from digest.extract.contract import as_contract
from digest.extract.reading import read

__all__ = ["as_contract", "read"]
