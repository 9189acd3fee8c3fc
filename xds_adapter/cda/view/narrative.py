"""The narrative block as HTML: every element is mapped through a table, everything else leaves only its text.

    section/text (StrucDoc)  --narrative-->  Markup

Names of elements and attributes on the page are written here, and every value is escaped or checked. Text is kept
where a browser leaves it: tables and lists are taken apart and put together anew, so that no nesting that HTML
does not know can close an element of the page around it.

Source: HL7 CDA R2 section 4.3.5; WHATWG HTML, tree construction.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from xds_adapter.cda.tree import get
from xds_adapter.cda.view.links import safe_link, without_bidi
from xds_adapter.cda.view.media import Media, MediaIndex, size_text
from xds_adapter.cda.view.people import all_words
from xds_adapter.cda.view.tables import Cell, Table, read_table
from xds_adapter.cda.view.words import Words
from xds_adapter.vocabulary.namespaces import CDA
from xds_adapter.xmlio import Element

MAX_DEPTH = 40
"""Elements inside each other; what lies deeper keeps its text only."""
NARROW_COLUMNS = 3
"""Columns that fit on a telephone."""
_SPACE = f"{{{CDA}}}"
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,120}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_STYLES = {
    "bold": "bold",
    "bolditalics": "bold italics",
    "emphasis": "italics",
    "italics": "italics",
    "underline": "underline",
    "strikethrough": "struck",
}
_LIST_STYLES = {
    "littleroman": "little-roman",
    "bigroman": "big-roman",
    "littlealpha": "little-alpha",
    "bigalpha": "big-alpha",
    "circle": "circle",
    "square": "square",
}
_REVISED = {"insert": "ins", "delete": "del"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """HTML, and whether it holds an element that may not stand in a paragraph."""

    html: str
    block: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an element stands."""

    depth: int = 0
    in_link: bool = False

    @property
    def inside(self) -> _Place:
        """One element deeper."""
        return replace(self, depth=self.depth + 1)


class Narrative:
    """Writes the narrative blocks of one document; an ID is given once and an image is shown once.

    Args:
        media: The files that the narrative may show.
        words: The language of what the page adds.
        anchors: The IDs of all narrative blocks, to which links may lead.
    """

    def __init__(self, media: MediaIndex, words: Words, anchors: frozenset[str]) -> None:
        self._media = media
        self._words = words
        self._anchors = anchors
        self._given: set[str] = set()
        self._elements: dict[str, Callable[[Element, _Place], _Piece]] = {
            "paragraph": self._paragraph,
            "content": self._content,
            "caption": self._caption,
            "br": lambda _element, _place: _Piece("<br>"),
            "sub": lambda element, place: self._wrapped("sub", element, place),
            "sup": lambda element, place: self._wrapped("sup", element, place),
            "list": self._list,
            "table": self._table,
            "linkHtml": self._link,
            "renderMultiMedia": self._multimedia,
            "footnote": self._footnote,
            "footnoteRef": self._footnote_ref,
        }

    def write(self, text: Element) -> Markup:
        """Write what a section says; empty when it says nothing."""
        html = self._children(text, _Place()).html
        return Markup(html) if html.strip() else Markup()  # noqa: S704 - made of escaped parts above

    def _children(self, element: Element, place: _Place) -> _Piece:
        parts = [_text(element.text)]
        block = False
        for child in element:
            piece = self._element(child, place)
            parts += (piece.html, _text(child.tail))
            block = block or piece.block
        return _Piece("".join(parts), block)

    def _element(self, element: Element, place: _Place) -> _Piece:
        inside = place.inside
        if inside.depth > MAX_DEPTH:
            return _Piece(str(escape(all_words(element))))
        tag = element.tag
        writer = self._elements.get(tag[len(_SPACE) :]) if tag.startswith(_SPACE) else None
        if writer is None:
            # What is not known is no part of the page; the words in it are.
            return self._children(element, inside)
        return writer(element, inside)

    def _attributes(self, element: Element, classes: str = "") -> str:
        """Write id, lang and class, as far as the element has them."""
        parts = []
        name = element.get("ID", "")
        if _ID.fullmatch(name) and name not in self._given:
            self._given.add(name)
            parts.append(f' id="n-{name}"')
        language = element.get("language", "")
        if _LANGUAGE.fullmatch(language):
            parts.append(f' lang="{language}"')
        if classes:
            parts.append(f' class="{classes}"')
        return "".join(parts)

    def _wrapped(self, tag: str, element: Element, place: _Place, classes: str = "") -> _Piece:
        inner = self._children(element, place)
        return _Piece(f"<{tag}{self._attributes(element, classes)}>{inner.html}</{tag}>", inner.block)

    def _paragraph(self, element: Element, place: _Place) -> _Piece:
        attributes = self._attributes(element, _classes(element, _STYLES))
        inner = self._children(element, place)
        # A browser ends a paragraph where a table or a list begins.
        tag = "div" if inner.block else "p"
        return _Piece(f"<{tag}{attributes}>{inner.html}</{tag}>", block=True)

    def _content(self, element: Element, place: _Place) -> _Piece:
        tag = _REVISED.get(element.get("revised", ""), "span")
        return self._wrapped(tag, element, place, _classes(element, _STYLES))

    def _caption(self, element: Element, place: _Place) -> _Piece:
        return self._wrapped("span", element, place, "caption")

    def _list(self, element: Element, place: _Place) -> _Piece:
        tag = "ol" if get(element, "listType") == "ordered" else "ul"
        opening = f"<{tag}{self._attributes(element, _classes(element, _LIST_STYLES))}>"
        before, items = [_text(element.text)], []
        for child in element:
            if child.tag == f"{_SPACE}item":
                inner = self._children(child, place.inside)
                items.append(f"<li{self._attributes(child)}>{inner.html}</li>")
            else:
                before.append(self._element(child, place).html)
            before.append(_text(child.tail))
        html = "".join(before).strip()
        return _Piece(html + (f"{opening}{''.join(items)}</{tag}>" if items else ""), block=True)

    def _link(self, element: Element, place: _Place) -> _Piece:
        inner = self._children(element, replace(place, in_link=True))
        if place.in_link:
            return inner
        address = element.get("href", "")
        if address.strip().startswith("#"):
            return self._jump(address.strip()[1:], inner)
        link = safe_link(address)
        if link is None:
            return _Piece(
                f'{inner.html} <span class="removed">[{escape(self._words("link_removed"))}]</span>', inner.block
            )
        shown = inner.html.strip() or escape(without_bidi(link.href))
        host = f' <span class="host">({escape(link.host)})</span>' if link.host and link.host not in shown else ""
        return _Piece(
            f'<a href="{escape(link.href)}" rel="noopener noreferrer">{shown}</a>{host}',
            inner.block,
        )

    def _jump(self, name: str, inner: _Piece) -> _Piece:
        if name not in self._anchors or not inner.html.strip():
            return inner
        return _Piece(f'<a href="#n-{name}">{inner.html}</a>', inner.block)

    def _footnote(self, element: Element, place: _Place) -> _Piece:
        return self._wrapped("span", element, place, "footnote")

    def _footnote_ref(self, element: Element, place: _Place) -> _Piece:
        name = get(element, "IDREF")
        if name not in self._anchors or place.in_link:
            return _Piece("")
        return _Piece(f'<sup><a href="#n-{name}">[{escape(self._words("note"))}]</a></sup>')

    def _multimedia(self, element: Element, place: _Place) -> _Piece:
        caption, words = self._children(element, place).html.strip(), all_words(element)
        files = self._media.resolve(get(element, "referencedObject"))
        pieces = [self._file(media, words, caption, place) for media in files]
        html = "".join(piece.html for piece in pieces)
        return _Piece(f"<span{self._attributes(element)}></span>{html}", any(piece.block for piece in pieces))

    def _file(self, media: Media | None, words: str, caption: str, place: _Place) -> _Piece:
        if media is None:
            return _Piece(f'<span class="removed">[{escape(self._words("image_missing"))}]</span> {caption}')
        if media.refusal is not None:
            return _Piece(f'<span class="removed">[{escape(without_bidi(media.refusal))}]</span> {caption}')
        if media.is_image:
            return self._image(media, words, caption, place)
        label = self._words("file", number=media.number)
        return _Piece(
            _anchor(media, f"{label} ({_kind(media, self._words)})", place) + (f" {caption}" if caption else "")
        )

    def _image(self, media: Media, words: str, caption: str, place: _Place) -> _Piece:
        name = words or self._words("image", number=media.number)
        if media.shown:
            # Shown again and again, one image could make a page of any size.
            return _Piece(_anchor(media, self._words("image_above", name=name), place))
        media.shown = True
        below = f"<figcaption>{caption}</figcaption>" if caption else ""
        return _Piece(
            f'<figure id="{media.anchor}"><img src="{media.data_url}" alt="{escape(name)}">{below}</figure>', block=True
        )

    def _table(self, element: Element, place: _Place) -> _Piece:
        table = read_table(element)
        attributes = self._attributes(element)
        before = "".join(self._stray(item, place) for item in table.strays).strip()
        if not table.rows:
            return _Piece(before, block=True)
        caption = "" if table.caption is None else f"<caption>{self._children(table.caption, place).html}</caption>"
        html = f"<table{attributes}>{caption}{self._rows(table, place)}</table>"
        return _Piece(f"{before}<div{self._scrolling(table)}>{html}</div>", block=True)

    def _scrolling(self, table: Table) -> str:
        """Write the attributes of what scrolls sideways in place of the page; the keyboard reaches a wide table."""
        if table.columns <= NARROW_COLUMNS:
            return ' class="scroll"'
        label = all_words(table.caption) if table.caption is not None else self._words("table")
        return f' class="scroll wide" role="group" tabindex="0" aria-label="{escape(label)}"'

    def _stray(self, item: Element | str, place: _Place) -> str:
        return _text(item) if isinstance(item, str) else self._element(item, place).html

    def _rows(self, table: Table, place: _Place) -> str:
        parts = []
        for group in ("thead", "tbody", "tfoot"):
            rows = [row for row in table.rows if row.group == group]
            if rows:
                parts.append(f"<{group}>")
                for row in rows:
                    cells = "".join(self._cell(cell, place) for cell in row.cells)
                    parts.append(f"<tr{self._attributes(row.element)}>{cells}</tr>")
                parts.append(f"</{group}>")
        return "".join(parts)

    def _cell(self, cell: Cell, place: _Place) -> str:
        tag = "th" if cell.scope else "td"
        inner = self._children(cell.element, place.inside)
        span = (f' colspan="{cell.colspan}"' if cell.colspan > 1 else "") + (
            f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
        )
        scope = f' scope="{cell.scope}"' if cell.scope else ""
        return f"<{tag}{self._attributes(cell.element, cell.classes)}{scope}{span}>{inner.html}</{tag}>"


def _text(text: str | None) -> str:
    return str(escape(without_bidi(text))) if text else ""


def _classes(element: Element, known: dict[str, str]) -> str:
    """Return our classes for the words of styleCode that are known."""
    found = (known.get(word.lower()) for word in element.get("styleCode", "").split()[:20])
    return " ".join(dict.fromkeys(name for name in found if name))


def _anchor(media: Media, label: str, place: _Place) -> str:
    return str(escape(label)) if place.in_link else f'<a href="#{media.anchor}">{escape(label)}</a>'


def _kind(media: Media, words: Words) -> str:
    return f"{media.kind}, {size_text(media.size, words.lang)}"
