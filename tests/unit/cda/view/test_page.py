"""A document as a page: who, what and when, the conclusion first, images one click away."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from tests.hostile_cda import PDF, PNG, b64, document, media, section
from tests.unit.cda.view.pages import facts, page_of, texts
from xds_adapter.cda.build import build, example
from xds_adapter.cda.tree import Unreadable
from xds_adapter.cda.view.document import open_view
from xds_adapter.cda.view.page import policy, render_html
from xds_adapter.cda.view.words import Lang
from xds_adapter.errors import CdaInvalid


def _report(**changes: object) -> bytes:
    return build("imaging-report", example("imaging-report") | changes)


def test_report_says_who_what_and_when() -> None:
    page = page_of(_report())

    assert ["CR d'imagerie médicale - angioscanner thoracique"] == texts(page, "//h1")
    assert ["CR d'imagerie médicale – 6 janvier 2026 à 10:58"] == texts(page, "//p[@class='kind']")
    assert ["Patient DUBREUIL DOMINIQUE"] == texts(page, "//header//h2")
    assert {
        "Nom de naissance": ["PAT-TROIS DOMINIQUE MARIE-LOUISE"],
        "Naissance": ["28 mars 1979 46 ans à la date du document"],
        "Sexe": ["Féminin"],
        "INS (test)": ["279035121518989"],
        "Identifiant local": ["IPP-204417"],
    } == facts(page, "header")
    who = "Plateforme de téléradiologie de l'Ouest – le 6 janvier 2026 à 10:58"
    assert {
        "Examen": ["CT thorax avec contraste IV Tomodensitométrie – 6 janvier 2026 à 10:10"],
        "Réalisé par · Auteur · Validé par": [f"Dr Hugo MARTEL Médecin - Radio-diagnostic (SM) – {who}"],
        "Demandé par": [
            "Dr Claire LEROUX Médecin - Qualifié en Médecine Générale (SM) – Centre hospitalier du Bocage - urgences"
        ],
        "Numéro d’examen": ["ACN-101"],
        "Numéro de demande": ["OPN-101"],
    } == facts(page, "section[@class='summary']")


def test_page_speaks_english_and_leaves_the_document_as_it_is() -> None:
    page = page_of(_report(), Lang.EN)

    assert "en" == page.get("lang")
    assert ["Performed by · Author · Validated by"] == [key for key in facts(page, "main") if "Author" in key]
    assert ["6 January 2026, 10:58"] == re.findall(r"– (.*)", texts(page, "//p[@class='kind']")[0])
    assert {"fr-FR"} == set(page.xpath("//main//div[@class='narrative']/@lang | //h1/@lang | //h3/@lang"))


@pytest.mark.parametrize(
    ("language", "page"),
    [("fr-FR", "fr"), ("en-US", "en"), ("EN", "en"), ("de", "fr"), ("", "fr"), ("en_US<", "fr")],
)
def test_page_speaks_the_language_of_the_document_when_it_can(language: str, page: str) -> None:
    assert page == page_of(document(section("x"), language=language)).get("lang")


def test_conclusion_comes_first_and_its_place_leads_to_it() -> None:
    page = page_of(_report())

    lead = page.xpath("//main/section[1]")[0]
    anchor = lead.xpath("h2/@id")[0]
    assert "Conclusion" == lead.findtext("h2")
    assert 1 == sum("Embolie pulmonaire segmentaire" in text for text in texts(page, "//div[@class='narrative']"))
    assert [f"#{anchor}"] == page.xpath("//section[h2='Conclusion'][@aria-labelledby=h2/@id]/p[@class='note']/a/@href")
    assert f"#{anchor}" in page.xpath("//nav//a/@href")


def test_sections_stay_in_the_order_of_the_document() -> None:
    page = page_of(_report())

    headings = [
        (heading.tag, heading.text_content())
        for heading in page.xpath("//div[@class='sections']//*[self::h2 or self::h3]")
    ]
    assert [
        ("h2", "Informations cliniques"),
        ("h3", "Motif de l'examen"),
        ("h3", "Antécédents et précautions"),
        ("h2", "Technique : angioscanner thoracique"),
    ] == headings[:4]


def test_images_are_one_click_away() -> None:
    page = page_of(_report())

    links = page.xpath("//section[@class='images']//a")
    assert 2 * ["https://viewer.example.org/open"] == [link.get("href").partition("?")[0] for link in links]
    assert ["Ouvrir les images", "Lacune de l'artère segmentaire postéro-basale gauche"] == texts(
        page, "//section[@class='images']//a"
    )
    assert 2 * ["viewer.example.org"] == texts(page, "//section[@class='images']//span[@class='host']")
    assert {"noopener noreferrer"} == {link.get("rel") for link in links}


def test_request_shows_what_is_asked_first_and_that_it_is_urgent() -> None:
    page = page_of(build("imaging-request", example("imaging-request")))

    assert ["Examens demandés"] == texts(page, "//main/section[1]/h2")
    assert ["Urgent"] == texts(page, "//li[@class='alarm']")
    assert "Demandé par · Validé par" in facts(page, "main")


@pytest.mark.parametrize(
    ("header", "marks"),
    [
        ("", []),
        ('<versionNumber value="1"/>', []),
        ('<versionNumber value="3"/>', ["Version 3"]),
        (
            '<versionNumber value="2"/><relatedDocument typeCode="RPLC"><parentDocument><id root="1.2" extension="x"/>'
            "</parentDocument></relatedDocument>",
            ["Remplace une version antérieure", "Version 2"],
        ),
        ('<relatedDocument typeCode="APND"><parentDocument><id root="1.2"/></parentDocument></relatedDocument>', []),
    ],
)
def test_version_is_shown(header: str, marks: list[str]) -> None:
    assert marks == texts(page_of(document(section("x"), header=header)), "//ul[@class='marks']/li")


@pytest.mark.parametrize(
    ("type_code", "label"),
    [("RPLC", "Remplace le document"), ("APND", "Complète le document"), ("x", "Document lié")],
)
def test_related_document_is_named(type_code: str, label: str) -> None:
    header = f'<relatedDocument typeCode="{type_code}"><parentDocument><id root="1.2" extension="x"/></parentDocument></relatedDocument>'

    assert ["1.2^x"] == facts(page_of(document(section("x"), header=header)), "footer")[label]


@pytest.mark.parametrize(
    ("code", "marks", "words"),
    [
        ("N", [], "Normale"),
        ("R", ["Confidentialité : Restreinte"], "Restreinte"),
        ("V", ["Confidentialité : Très restreinte"], "Très restreinte"),
        ("S", ["Confidentialité : S"], "S"),
    ],
)
def test_confidentiality_is_shown(code: str, marks: list[str], words: str) -> None:
    page = page_of(
        document(section("x")).replace(b'<confidentialityCode code="N"', f'<confidentialityCode code="{code}"'.encode())
    )

    assert marks == texts(page, "//li[@class='alarm']")
    assert [words] == facts(page, "footer")["Confidentialité"]


def test_addendum_comes_before_the_conclusion_with_its_author() -> None:
    author = "<author><assignedAuthor><assignedPerson><name><given>Ana</given><family>ROY</family></name></assignedPerson></assignedAuthor></author>"
    addendum = section("corrigé", title="Addendum", code="55107-7", entries=author).replace(
        "<section>", '<section><templateId root="1.2.840.10008.9.6"/>'
    )

    page = page_of(document(section("fin", title="Conclusion", code="19005-8"), addendum))

    assert ["Addendum", "Conclusion"] == texts(page, "//section[@class='lead']/h2")
    assert ["Conclusion", "Addendum"] == texts(page, "//div[@class='sections']//h2")
    assert ["Par Ana ROY"] == texts(page, "//p[@class='by']")
    assert ["Avec addendum"] == texts(page, "//li[@class='notice']")


def test_section_without_text_says_so() -> None:
    page = page_of(
        document(
            section(""),
            section("", entries="<entry/>"),
            section("", title="", inside=section("x")),
            section("", title="").replace('code="59776-5" ', ""),
        )
    )

    assert [
        "Aucun texte.",
        "Cette rubrique ne contient que des données codées, sans texte à lire.",
        "Aucun texte.",
    ] == texts(page, "//main//p[@class='note']")
    assert ["Résultats", "Résultats", "59776-5", "Résultats", "Rubrique sans titre"] == texts(
        page, "//main//h2 | //main//h3"
    )[1:6]


def test_headings_of_deep_sections_stay_headings() -> None:
    inside = ""
    for _ in range(8):
        inside = section("x", inside=inside)

    page = page_of(document(inside))

    assert ["h2", "h3", "h4", "h5", "h6", "h6", "h6", "h6"] == [
        heading.tag for heading in page.xpath("//div[@class='sections']//section/*[1]")
    ]


def test_attached_documents_are_offered() -> None:
    files = (
        media("a", "application/pdf", b64(PDF))
        + media("b", "text/plain", b64("a < b\x01"))
        + media("c", "image/png", PNG)
    )
    files += media("d", "image/tiff", b64(b"II*\x00" + bytes(2000))) + media("e", "text/html", b64("<b>"))

    page = page_of(document(section("x", entries=files)))

    attachments = page.xpath("//section[@class='attachments']")[0]
    assert ["document-1.pdf", "document-2.txt", "document-3.png", "document-4.tif"] == attachments.xpath(
        ".//a/@download"
    )
    assert f"data:application/pdf;base64,{b64(PDF)}" == attachments.xpath(".//a/@href")[0]
    assert ["PDF, 124 o", "TXT, 6 o", "PNG, 70 o", "TIF, 2 ko"] == texts(attachments, ".//span[@class='small']")
    assert ["a < b"] == texts(attachments, ".//pre")
    assert ["Fichier joint 3"] == attachments.xpath(".//img/@alt")
    assert [] == attachments.xpath(".//object")
    assert ["Contenu de type text/html non affiché : ce type n’est pas sûr ou n’est pas connu."] == texts(
        attachments, ".//p[@class='removed']"
    )
    assert "#attachments" in page.xpath("//nav//a/@href") or len(page.xpath("//nav")) == 0


def _body(text: str) -> bytes:
    return document(body=text)


def test_level_1_pdf_is_embedded_and_can_be_saved() -> None:
    page = page_of(_body(f'<text mediaType="application/pdf" representation="B64">{b64(PDF)}</text>'))

    data = f"data:application/pdf;base64,{b64(PDF)}"
    assert [data] == page.xpath("//section[@class='body']//a[@download='document-1.pdf']/@href")
    assert [f"{data}#navpanes=0&view=FitH"] == page.xpath("//object/@data")


@pytest.mark.parametrize(
    ("media_type", "content", "shown"),
    [("image/png", PNG, 1), ("image/tiff", b64(b"II*\x00"), 0), ("text/rtf", b64(b"{\\rtf1}"), 0)],
)
def test_level_1_body_of_another_type_is_shown_or_offered(media_type: str, content: str, shown: int) -> None:
    page = page_of(_body(f'<text mediaType="{media_type}" representation="B64">{content}</text>'))

    assert [f"data:{media_type};base64,{content}"] == page.xpath("//section[@class='body']//a/@href")
    assert shown == len(page.xpath("//section[@class='body']//img[@alt='Compte rendu']"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<text>Tout va &lt;bien&gt;</text>", "Tout va <bien>"),
        ('<text mediaType="text/plain; charset=utf-8" representation="B64">w6lwYXVsZQo=</text>', "épaule"),
    ],
)
def test_plain_text_body_is_shown(text: str, words: str) -> None:
    assert [words] == texts(page_of(_body(text)), "//section[@class='body']//pre")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '<text mediaType="application/pdf" representation="B64">PGI+</text>',
            "il n’est pas du type annoncé (application/pdf)",
        ),
        ('<text mediaType="application/pdf" representation="B64">JVBE!</text>', "son codage en base64 est endommagé"),
        ('<text mediaType="application/pdf" representation="B64"/>', "son codage en base64 est endommagé"),
        ('<text mediaType="text/html" representation="B64">PGI+</text>', "Contenu de type text/html non affiché"),
        ('<text mediaType="text/html">x</text>', "Contenu de type text/html non affiché"),
        (
            '<text mediaType="application/pdf" compression="GZ" representation="B64">JVBERi0=</text>',
            "Contenu compressé (GZ)",
        ),
        (
            '<text mediaType="application/pdf"><reference value="file:///x"/></text>',
            "Le contenu se trouve hors de ce document",
        ),
        (
            '<text mediaType="application/pdf"><reference value="https://x.example/a"/></text>',
            "Le contenu se trouve hors de ce document – x.example",
        ),
    ],
)
def test_body_that_is_not_shown_says_why(text: str, words: str) -> None:
    page = page_of(_body(text))

    assert words in texts(page, "//section[@class='body']/p[@class='removed']")[0]
    assert [] == page.xpath("//object | //a[@download]")


def test_large_text_is_offered_and_not_shown() -> None:
    page = page_of(_body(f'<text mediaType="text/plain" representation="B64">{b64(b"x" * 1_000_001)}</text>'))

    assert ["TXT, 1,0 Mo"] == texts(page, "//main//span[@class='small']")
    assert [] == page.xpath("//pre")


@pytest.mark.parametrize("content", [b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>", document(), document(body="")])
def test_document_without_body_has_a_page(content: bytes) -> None:
    assert ["Ce document n’a pas de corps."] == texts(page_of(content), "//main/p[@class='note']")


def test_empty_document_has_a_title_and_a_patient() -> None:
    page = page_of(
        b"<ClinicalDocument xmlns='urn:hl7-org:v3'><recordTarget><patientRole/></recordTarget></ClinicalDocument>"
    )

    assert (["Document"], ["Patient Patient sans nom"]) == (texts(page, "//h1"), texts(page, "//header//h2"))


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(CdaInvalid, match="the root element is"):
        next(render_html([b"<html/>"]))
    with pytest.raises(Unreadable):
        next(render_html([b"<ClinicalDocument"]))
    with pytest.raises(Unreadable):
        next(render_html([document(section("<content>" * 300 + "</content>" * 300))]))


def test_policy_allows_this_style_and_nothing_else() -> None:
    content = b"".join(render_html([document(section("x"))])).decode()

    style = re.findall(r"<style>(.*)</style>", content, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    stated = page_of(document(section("x"))).xpath("//meta[@http-equiv]/@content")[0]
    assert (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'" == stated
    )


def test_policy_names_frames_only_where_a_pdf_is_shown() -> None:
    small = _body(f'<text mediaType="application/pdf" representation="B64">{b64(PDF)}</text>')
    large = _body(f'<text mediaType="application/pdf" representation="B64">{b64(PDF + bytes(1_500_000))}</text>')

    for content, framed in ((small, True), (large, False)):
        with open_view([content]) as view:
            assert framed is ("object-src data:; frame-src data:" in policy(view))


def test_page_asks_for_nothing_outside_itself() -> None:
    content = b"".join(render_html([_report()])).decode()

    assert not re.search(r"<(script|link|iframe|base|form)\b|\burl\(|@import", content)
