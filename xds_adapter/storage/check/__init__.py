"""Compares what the database says with the bytes that are there, while servers may be running.

::

    StoreCheck.problems()    one Problem after the other, in bounded memory
        contents             files and content rows, a part of the store at a time
        bindings             documents without content, entries without document
        leftovers            temporary files that nobody works on
    StoreCheck.counts        what was looked at

A submission is never in the way and never harmed: rows are read before the files that they name are listed, whatever
looks wrong is looked at again in a newer state, and what goes, goes within a write that no other runs beside.
"""

from xds_adapter.storage.check.check import StoreCheck
from xds_adapter.storage.check.problems import CheckCounts, Problem, ProblemKind

__all__ = ["CheckCounts", "Problem", "ProblemKind", "StoreCheck"]
