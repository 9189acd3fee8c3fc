"""The parts of a CDA document, each read back into the member of the case that it was built from."""
