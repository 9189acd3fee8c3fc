"""A CDA document as one page that people read: HTML without script, or PDF.

    document (XML, any size)  --open_view-->  View  --html-->  pieces of one self-contained page
                                                    --pdf--->  pieces of a PDF

Whatever the document says, only elements, attributes and addresses named in this package reach the page.

Source: HL7 CDA R2 section 4.3.5 (narrative block); W3C Content Security Policy Level 3.
"""
