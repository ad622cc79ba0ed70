"""A PDF as a program writes it: pages of Chinese words, or none."""

from __future__ import annotations

import io

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject


def _named(**entries: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): NameObject(f"/{value}") for key, value in entries.items()})


def a_pdf(*pages: str, password: str = "", inside: bytes = b"") -> bytes:
    """``inside``: another file in it."""
    made, out = PdfWriter(), io.BytesIO()
    below = _named(Type="Font", Subtype="CIDFontType0", BaseFont="STSong-Light")
    font = _named(Type="Font", Subtype="Type0", BaseFont="STSong-Light", Encoding="GBK-EUC-H")
    font[NameObject("/DescendantFonts")] = ArrayObject([made._add_object(below)])
    fonts = DictionaryObject({NameObject("/F1"): made._add_object(font)})
    for words in pages:
        page = made.add_blank_page(595, 842)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        drawn = DecodedStreamObject()
        lines = "".join(f"<{line.encode('gbk').hex()}> Tj T* " for line in words.splitlines())
        drawn.set_data(f"BT /F1 12 Tf 14 TL 50 780 Td {lines} ET".encode())
        page[NameObject("/Contents")] = made._add_object(drawn)
    if inside:
        made.add_attachment("名单.txt", inside)
    if password:
        made.encrypt(password, algorithm="AES-256")
    made.write(out)
    return out.getvalue()
