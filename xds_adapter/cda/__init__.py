"""CDA R2 documents of French teleradiology: build them, read their header, derive metadata, check them.

`build` turns a JSON case into a document; `read_header` reads what XDS needs of any CDA document without touching
its body; `document_entry` and `submission` derive XDS metadata; `validate` reports what is wrong with a document.

Source: HL7 CDA R2; ANS CI-SIS volets IMG-DA-IMG and IMG-CR-IMG 2024.01.
"""
