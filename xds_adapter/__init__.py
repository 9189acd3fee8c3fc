"""Teleradiology document exchange: CDA R2 documents over IHE XDS.b."""

__version__ = "0.1.0"
