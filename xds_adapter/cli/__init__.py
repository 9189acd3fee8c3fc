"""The command line: one module a verb, loaded when it is called.

Exit codes: 0 done, 1 refused or invalid (the reasons are printed), 2 wrong use or configuration.
"""

from xds_adapter.cli.main import main

__all__ = ["main"]
