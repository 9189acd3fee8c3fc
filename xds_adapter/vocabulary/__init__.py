"""Tables of the standards: every UUID, OID, URN and code stands here once, under its standard name."""
