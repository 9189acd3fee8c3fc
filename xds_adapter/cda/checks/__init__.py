"""The built-in checks of CDA documents: one module a subject, every rule a row of `rules.RULES`."""
