"""The operators' pages: today's edition before it goes, cases to decide, sources, deliveries and letters.

They do what the command line does, by the same jobs. Nothing is there unless the operators' secret or the
header of a proxy's login is configured. A look changes nothing; each press of a button is logged with who
made it.
"""

from digest.web.operators.routes import OperatorSite
from digest.web.operators.session import Doors

__all__ = ["Doors", "OperatorSite"]
