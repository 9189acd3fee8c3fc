"""CDA documents that attack whoever shows them, written for the tests of the view.

Each takes the address of a server that must never be asked for anything. A script that runs sets ``window.pwned``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape, quoteattr

PNG = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
).decode()
"""A picture of one pixel."""
RUN = "window.pwned=1"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


def b64(content: bytes | str) -> str:
    """Write content in base64."""
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def media(name: str, media_type: str, content: str) -> str:
    """Write an entry with a file; `content` is base64 or whatever claims to be."""
    return (
        f'<entry><observationMedia classCode="OBS" moodCode="EVN" ID={quoteattr(name)}>'
        f'<value mediaType={quoteattr(media_type)} representation="B64">{content}</value></observationMedia></entry>'
    )


def section(text: str, *, title: str = "Résultats", code: str = "59776-5", entries: str = "", inside: str = "") -> str:
    """Write a component with a section; `text` is markup."""
    return (
        f'<component><section><code code={quoteattr(code)} codeSystem="2.16.840.1.113883.6.1"/>'
        f"<title>{title}</title><text>{text}</text>{entries}{inside}</section></component>"
    )


def document(
    *sections: str,
    body: str | None = None,
    title: str = "Compte rendu",
    family: str = "PAT-TROIS",
    header: str = "",
    language: str = "fr-FR",
) -> bytes:
    """Write a small document; sections, body and header are markup."""
    inside = (
        f"<nonXMLBody>{body}</nonXMLBody>"
        if body is not None
        else f"<structuredBody>{''.join(sections)}</structuredBody>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:h="http://www.w3.org/1999/xhtml" xmlns:svg="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xi="http://www.w3.org/2001/XInclude">'
        '<id root="1.2.250.1.999.1.9.1"/><code code="18748-4" displayName="Imagerie" codeSystem="2.16.840.1.113883.6.1"/>'
        f'<title>{title}</title><effectiveTime value="20260106105800+0100"/>'
        '<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>'
        f"<languageCode code={quoteattr(language)}/>"
        '<recordTarget><patientRole><id root="1.2.250.1.999.1.1.100" extension="IPP-1"/><patient><name>'
        f'<family qualifier="BR">{family}</family><given>DOMINIQUE</given></name>'
        '<administrativeGenderCode code="F"/><birthTime value="19790328"/></patient></patientRole></recordTarget>'
        f"{header}<component>{inside}</component></ClinicalDocument>"
    ).encode()


def link(address: str, words: str = "lien") -> str:
    """Write a paragraph with a link; the address is escaped as XML wants it, character references stay."""
    return f'<paragraph><linkHtml href="{address}">{words}</linkHtml></paragraph>'


def _scripts(origin: str) -> bytes:
    return document(
        section(
            f"<script>{RUN}</script><h:script>{RUN}</h:script><svg:script>{RUN}</svg:script>"
            f'<h:script src="{origin}/x.js"/><paragraph>&lt;script&gt;{RUN}&lt;/script&gt;</paragraph>'
            f"<paragraph>]]&gt;&lt;/style&gt;&lt;img src=x onerror={RUN}&gt;</paragraph>"
            f"<paragraph><![CDATA[</div></section></main><script>{RUN}</script><img src='{origin}/c'>]]></paragraph>"
        )
    )


def _handlers(origin: str) -> bytes:
    handlers = " ".join(
        f'{name}="{RUN}"' for name in ("onload", "onerror", "onmouseover", "onfocus", "onclick", "onbegin")
    )
    named = ("paragraph", "content", "list", "table", "caption", "sub", "footnote", "linkHtml", "renderMultiMedia")
    return document(
        section(
            "".join(
                f'<{name} {handlers} style="background:url({origin}/s)" tabindex="0" autofocus="1">x</{name}>'
                for name in named
            )
            + f'<table {handlers}><tbody {handlers}><tr {handlers}><td {handlers} background="{origin}/b">x</td></tr></tbody></table>'
            + f'<list><item {handlers} contenteditable="1" accesskey="x">x</item></list>'
        )
    )


def _addresses(origin: str) -> bytes:
    schemes = (
        f"javascript:{RUN}",
        f"JaVaScRiPt:{RUN}",
        f"&#x6A;avascript:{RUN}",
        f"java&#9;script:{RUN}",
        f"java&#10;script:{RUN}",
        f"&#x85;javascript:{RUN}",
        f"&#x200B;javascript:{RUN}",
        f"&#xFEFF;java&#xAD;script:{RUN}",
        f"javascript&#x3A;{RUN}",
        f"javascript&amp;colon;{RUN}",
        f"vbscript:{RUN}",
        f"data:text/html,&lt;script&gt;{RUN}&lt;/script&gt;",
        f"data:text/html;base64,{b64(f'<script>{RUN}</script>')}",
        "blob:https://x.example/1",
        "file:///etc/passwd",
        "filesystem:http://x.example/",
        "view-source:https://x.example/",
        "//evil.example/",
        "/relative",
        "https:",
        "https://",
        "https:///x",
        "https://good.example@evil.example/",
        "https://good.example\\@evil.example/",
        "https:\\\\evil.example",
        "https://[::1",
        "https://x.example:port/",
        "https://a%2eb/",
        f"https://x.example/&quot; onmouseover=&quot;{RUN}",
        "mailto:a@b.example?bcc=c@evil.example&amp;attach=/etc/passwd",
        "tel:0123;ext=&lt;x&gt;",
        "#n-evil&quot; onfocus=&quot;x",
        "#",
        "",
    )
    return document(section("".join(link(address) for address in schemes)))


def _files(origin: str) -> bytes:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script><image href="{origin}/svg"/></svg>'
    html = f"<!DOCTYPE html><script>{RUN}</script><img src='{origin}/html'>"
    rows = (
        ("svg", "image/svg+xml", b64(svg)),
        ("svg-as-png", "image/png", b64(svg)),
        ("html", "text/html", b64(html)),
        ("html-as-jpeg", "image/jpeg", b64(html)),
        ("html-as-pdf", "application/pdf", b64(html)),
        ("pdf-as-png", "image/png", b64(PDF)),
        ("xhtml", "application/xhtml+xml", b64(html)),
        ("xml", "text/xml", b64(svg)),
        ("type-attack", f'image/png" onerror="{RUN}', PNG),
        ("type-list", "image/png;base64,xx", PNG),
        ("no-base64", "image/png", escape(f'"><script>{RUN}</script>')),
        ("damaged", "image/png", PNG[:21] + '"' + PNG[21:]),
        ("cut", "image/png", PNG[:21]),
        ("twice-padded", "image/png", PNG + PNG),
        ("empty", "image/png", ""),
        ("unicode", "image/png", PNG[:20] + "\u00e9" + PNG[20:]),
        ("good", "image/png", "\n ".join(PNG[at : at + 20] for at in range(0, len(PNG), 20))),
    )
    names = " ".join(name for name, _, _ in rows)
    shown = f'<renderMultiMedia referencedObject="{names} {names} absent"><caption>&lt;b&gt; "légende"</caption></renderMultiMedia>'
    reference = (
        '<entry><observationMedia classCode="OBS" moodCode="EVN" ID="far"><value mediaType="image/png">'
        f'<reference value="{origin}/far.png"/></value></observationMedia></entry>'
    )
    return document(
        section(
            shown + '<renderMultiMedia referencedObject="far"/>',
            entries="".join(media(*row) for row in rows) + reference,
        )
    )


def _styles(origin: str) -> bytes:
    codes = (
        f"Bold;background:url({origin}/css)",
        'Bold" onmouseover="x',
        "}</style><script>window.pwned=1</script>",
        "expression(alert(1))",
        "position:fixed",
        "alarm button skip pdf",
        "Bold " * 5000,
    )
    texts = "".join(f"<content styleCode={quoteattr(code)}>x</content>" for code in codes)
    return document(
        section(
            f'{texts}<h:style>@import "{origin}/i";*{{display:none}}</h:style><h:link rel="stylesheet" href="{origin}/l"/>'
        )
    )


def _escapes(origin: str) -> bytes:
    """Nesting that a browser takes apart, so that end tags close what stands around."""
    inner = f'<paragraph>DEEP</paragraph><linkHtml href="{origin}/never">x</linkHtml>'
    return document(
        section(
            f"<table><table><tbody><tr><td>{inner}</td></tr></tbody></table><tr><td>{inner}</td></tr></table>"
            f"<table><tbody><paragraph><table><tr><td>x</td></tr></table></paragraph><td>bare</td><tr><tr><td>twice</td></tr></tr></tbody></table>"
            "<table><caption><table><tr><td>in caption</td></tr></table></caption><tr><td><td>cell in cell</td></td></tr></table>"
            "<tr><td>no table</td></tr><item>no list</item><list>text<paragraph>p</paragraph></list>"
            "<paragraph><paragraph><list><item><table><tr><th>h</th></tr></table></item></list></paragraph></paragraph>"
            '<linkHtml href="https://a.example"><linkHtml href="https://b.example">b</linkHtml></linkHtml>'
            '<linkHtml href="https://a.example"><table><tr><td><linkHtml href="https://c.example">c</linkHtml></td></tr></table></linkHtml>'
            "<br>text in br</br><sub><table><tr><td>x</td></tr></table></sub>"
        ),
        section("<paragraph>AFTER</paragraph>", title="Suivant"),
    )


def _foreign(origin: str) -> bytes:
    return document(
        section(
            f'<h:iframe src="{origin}/f"/><h:object data="{origin}/o"/><h:embed src="{origin}/e"/>'
            f'<h:img src="{origin}/i" onerror="{RUN}"/><h:form action="{origin}/p"><h:input name="x"/></h:form>'
            f'<h:base href="{origin}/"/><h:meta http-equiv="refresh" content="0;url={origin}/m"/>'
            f'<svg:svg><svg:use xlink:href="{origin}/u"/></svg:svg><xi:include href="file:///etc/passwd" parse="text"/>'
            '<h:paragraph ID="foreign">texte gardé</h:paragraph>'
            f'<iframe src="{origin}/g"/><img src="{origin}/h"/><style>*{{}}</style><h:a href="javascript:{RUN}">a</h:a>'
        )
    )


def _markup(_: str) -> bytes:
    text = document(
        section("<paragraph>avant<!-- --><?xml-stylesheet href='x.xsl'?><![CDATA[<b>]]><!--><script>--></paragraph>")
    )
    return text.replace(
        b"<ClinicalDocument", b"<?xml-stylesheet type='text/xsl' href='evil.xsl'?><!-- c --><ClinicalDocument", 1
    )


def _header(origin: str) -> bytes:
    attack = escape(f"</title></head><script>{RUN}</script><img src='{origin}/t'>\"'><x")
    quoted = quoteattr(f"\"'><script>{RUN}</script><img src='{origin}/a'>")
    return document(
        section("<paragraph>x</paragraph>", title=attack),
        title=attack,
        family=attack,
        language='fr" onload="x',
        header=f"<author><time value={quoted}/><assignedAuthor><id root={quoted} extension={quoted}/><code code={quoted} "
        f"displayName={quoted}/><telecom value={quoted}/><assignedPerson><name><family>{attack}</family></name></assignedPerson>"
        f"<representedOrganization><name>{attack}</name></representedOrganization></assignedAuthor></author>"
        f"<setId root={quoted}/><versionNumber value={quoted}/><relatedDocument typeCode={quoted}><parentDocument>"
        f"<id root={quoted}/></parentDocument></relatedDocument>",
    )


def _identifiers(_: str) -> bytes:
    names = ('a" onfocus="x', "content", "n-content", "patient-name", "a b", "x" * 5000, "é", "same", "same")
    return document(
        section(
            "".join(f"<content ID={quoteattr(name)}>x</content>" for name in names)
            + "".join(f"<linkHtml href={quoteattr('#' + name)}>x</linkHtml>" for name in names)
            + '<footnoteRef IDREF="same"/><footnoteRef IDREF="none"/>'
        )
    )


def _bidi(_: str) -> bytes:
    return document(
        section(
            "<paragraph>sans \u202eeilobme\u202c d\u2066\u2069embolie \u202b\u202a\u202d</paragraph>"
            + link("https://x\u202egro.elpmaxe.example/")
        ),
        family="\u202eSIORT",
    )


def _spans(_: str) -> bytes:
    spans = ("999999999999", "-1", "0", "1e9", "\u0661", "65535", "")
    cells = "".join(f'<td colspan="{span}" rowspan="{span}" scope="x">x</td>' for span in spans)
    return document(
        section(
            f'<table border="99999" width="9999999px"><thead><tr>{cells}</tr></thead><tbody><tr>{cells}</tr></tbody></table>'
        )
    )


def _nested(depth: int, before: str, after: str) -> str:
    return before * depth + "FOND" + after * depth


def _deep(_: str) -> bytes:
    """As deep as the parser allows."""
    return document(
        section(_nested(58, "<table><tbody><tr><td>", "</td></tr></tbody></table>")),
        section(_nested(110, "<list><item>", "</item></list>")),
        section(_nested(240, "<content>", "</content>")),
    )


def _sections(_: str) -> bytes:
    inside = ""
    for number in range(80):
        inside = section("<paragraph>x</paragraph>", title=f"Niveau {number}", inside=inside)
    return document(inside)


def _long_words(_: str) -> bytes:
    word = "W" * 100_000
    return document(
        section(f"<paragraph>{word}</paragraph><table><tr><td>{word}</td><td>x</td></tr></table>", title=word[:3000]),
        title=word[:3000],
        family=word[:3000],
    )


def _images_again(_: str) -> bytes:
    """One image named very often: copied each time, it would make a page of any size."""
    return document(section('<renderMultiMedia referencedObject="a"/>' * 5000, entries=media("a", "image/png", PNG)))


def _body(media_type: str, content: str) -> Callable[[str], bytes]:
    return lambda _: document(body=f'<text mediaType="{media_type}" representation="B64">{content}</text>')


def _body_reference(origin: str) -> bytes:
    return document(body=f'<text mediaType="text/html"><reference value="{origin}/frame"/></text>')


def _body_script_reference(_: str) -> bytes:
    return document(body=f'<text mediaType="application/pdf"><reference value="javascript:{RUN}"/></text>')


_HTML = b64(f"<!DOCTYPE html><script>{RUN}</script>")

HOSTILE: Mapping[str, Callable[[str], bytes]] = {
    "scripts": _scripts,
    "event handlers": _handlers,
    "addresses": _addresses,
    "files": _files,
    "styles": _styles,
    "nesting that HTML does not know": _escapes,
    "foreign elements": _foreign,
    "comments and instructions": _markup,
    "header": _header,
    "identifiers": _identifiers,
    "direction of text": _bidi,
    "spans": _spans,
    "deep": _deep,
    "sections": _sections,
    "long words": _long_words,
    "one image again and again": _images_again,
    "HTML as PDF body": _body("application/pdf", _HTML),
    "HTML body": _body("text/html", _HTML),
    "SVG body": _body("image/svg+xml", b64(f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"/>')),
    "text body": _body("text/plain", b64(f"</pre><script>{RUN}</script>\x00\x01\ufffe")),
    "compressed body": lambda _: _body("application/pdf", b64(PDF))("").replace(
        b"representation", b'compression="GZ" representation'
    ),
    "body elsewhere": _body_reference,
    "body at a script": _body_script_reference,
    "PDF with a script": _body(
        "application/pdf", b64(PDF.replace(b"/Pages 2", b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>/Pages 2"))
    ),
}
"""What is shown; by what it tries."""
