"""Photos, voice and papers: taken for what they are, kept once, and given back to nobody else."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import func, select

from handlers.web.chat_files import _tidy_name
from handlers.web.images import LONGEST_SIDE, clean_photo
from handlers.web.parts import WebParts
from storage.blobs import SIZE_LIMIT
from storage.engine import Storage
from storage.tables import blobs
from storage.tables import inbox as inbox_table
from tests.test_web_chat_api import browser, read, refusal, wait_for
from tests.web_service import app_of, web_parts, working

GPS = 0x8825


@pytest.fixture
def parts(storage: Storage) -> WebParts:
    return web_parts(storage)


@pytest.fixture
async def client(parts: WebParts) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(parts) as client:
        await client.post("/api/chat/sessions")
        yield client


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (60, 40), mode: str = "RGB", **saving: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal" if mode != "RGBA" else (0, 0, 0, 0)).save(out, kind, **saving)
    return out.getvalue()


def located_photo() -> bytes:
    """A photo lying on its side, that says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(GPS)[1] = "N"
    return picture(exif=exif, comment=b"secret place")


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 800)
    return out.getvalue()


async def attach(
    client: httpx.AsyncClient, content: bytes, mime: str, name: str = "file", client_id: str = "f1", text: str = ""
) -> httpx.Response:
    labels = {"client_id": client_id, "text": text}
    return await client.post("/api/chat/attachments", data=labels, files={"file": (name, content, mime)})


async def test_a_photo_with_a_word_reaches_the_bot_and_can_be_looked_at_again(
    parts: WebParts, client: httpx.AsyncClient
) -> None:
    sent = await attach(client, located_photo(), "image/jpeg", "水管.jpg", text="就是这里")
    assert sent.status_code == 202
    async with working(parts):
        assert (await wait_for(client, "收到photo"))["text"] == "收到photo:就是这里"
    own = (await read(client))[0]
    assert (own["id"], own["text"], own["client_id"]) == (sent.json()["id"], "就是这里", "f1")
    (part,) = own["attachments"]
    assert (part["kind"], part["mime"], part["name"]) == ("photo", "image/jpeg", "水管.jpg")
    assert (part["width"], part["height"]) == (40, 60), "upright"
    seen = await client.get(part["url"])
    assert seen.headers["content-type"] == "image/jpeg"
    assert "sandbox" in seen.headers["content-security-policy"]


async def test_nothing_of_what_the_camera_wrote_is_kept(client: httpx.AsyncClient) -> None:
    await attach(client, located_photo(), "image/jpeg")
    content = (await client.get((await read(client))[0]["attachments"][0]["url"])).content
    with Image.open(io.BytesIO(content)) as kept:
        assert dict(kept.getexif()) == {}
        assert "comment" not in kept.info
    assert b"PhoneMaker" not in content
    assert b"secret" not in content


async def test_the_update_looks_like_telegrams(parts: WebParts, client: httpx.AsyncClient) -> None:
    await attach(client, picture(), "image/jpeg", client_id="p")
    await attach(client, sound(), "audio/wav", "话.wav", client_id="v")
    await attach(client, b"%PDF-1.7 ...", "application/pdf", "合同.pdf", client_id="d")
    rows = await parts.storage.read(lambda tx: tx.all(select(inbox_table.c.payload).order_by(inbox_table.c.id)))
    photo, voice, paper = (json.loads(row["payload"])["message"] for row in rows)
    assert photo["photo"][0]["file_id"].startswith("blob:")
    assert voice["voice"]["mime_type"] == "audio/wav"
    assert paper["document"]["file_name"] == "合同.pdf"
    async with working(parts):
        await wait_for(client, "收到document")


async def test_the_same_file_sent_twice_under_one_id_is_kept_once(parts: WebParts, client: httpx.AsyncClient) -> None:
    first, again = [await attach(client, picture(), "image/jpeg") for _ in range(2)]
    assert first.json() == again.json()
    assert await parts.storage.read(lambda tx: tx.scalar(select(func.count()).select_from(blobs))) == 1
    assert len(await read(client)) == 1


async def test_nobody_else_gets_the_file(parts: WebParts, client: httpx.AsyncClient) -> None:
    await attach(client, picture(), "image/jpeg")
    url = (await read(client))[0]["attachments"][0]["url"]
    async with browser(parts) as other:
        assert refusal(await other.get(url)) == (401, "no_session")
        await other.post("/api/chat/sessions")
        assert refusal(await other.get(url)) == (404, "not_found")
    assert refusal(await client.get("/api/chat/blobs/0")) == (404, "not_found")
    assert refusal(await client.get(f"/api/chat/blobs/{2**80}")) == (404, "not_found")


async def test_a_player_may_jump_into_a_voice_message(client: httpx.AsyncClient) -> None:
    content = sound()
    await attach(client, content, "audio/wav")
    url = (await read(client))[0]["attachments"][0]["url"]
    for asked, start, stop in (("0-9", 0, 10), ("1000-", 1000, len(content)), ("-5", len(content) - 5, len(content))):
        part = await client.get(url, headers={"Range": f"bytes={asked}"})
        assert (part.status_code, part.content) == (206, content[start:stop])
        assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(content)}"
    assert (await client.get(url, headers={"Range": "bytes=0-1,4-5"})).status_code == 200
    assert refusal(await client.get(url, headers={"Range": "bytes=99999-"})) == (416, "bad_range")


async def test_papers_are_downloaded_never_shown(client: httpx.AsyncClient) -> None:
    await attach(client, b"<html>", "text/plain", "a.txt")
    kept = await client.get((await read(client))[0]["attachments"][0]["url"])
    assert kept.headers["content-disposition"].startswith("attachment")
    assert kept.headers["content-type"].startswith("text/plain")
    assert kept.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP"])
async def test_every_usual_kind_of_picture_becomes_a_jpeg(client: httpx.AsyncClient, kind: str) -> None:
    assert (await attach(client, picture(kind), f"image/{kind.lower()}")).status_code == 202
    content = (await client.get((await read(client))[0]["attachments"][0]["url"])).content
    assert content.startswith(b"\xff\xd8")


def test_a_see_through_picture_gets_a_white_ground() -> None:
    with Image.open(io.BytesIO(clean_photo(picture("PNG", mode="RGBA")).content)) as kept:
        assert kept.getpixel((5, 5)) == (255, 255, 255)


def test_a_large_photo_is_made_smaller() -> None:
    photo = clean_photo(picture(size=(5000, 2500)))
    assert (photo.width, photo.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)


@pytest.mark.parametrize(
    ("content", "mime", "expected"),
    [
        (b"", "image/jpeg", (422, "empty_file")),
        (b"<html>hi</html>", "image/jpeg", (415, "not_what_it_says")),
        (picture(), "application/pdf", (415, "not_what_it_says")),
        (b"%PDF-1.7", "image/png", (415, "not_what_it_says")),
        (picture(), "audio/ogg", (415, "not_what_it_says")),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", (415, "not_what_it_says")),
        (b"<html>", "text/html", (415, "unknown_type")),
        (b"MZ\x90\x00", "application/octet-stream", (415, "unknown_type")),
        (b"bin\x00ary", "text/plain", (415, "unknown_type")),
        (picture()[:300], "image/jpeg", (415, "broken_photo")),
        (b"\xff\xd8\xff" + b"x" * 100, "image/jpeg", (415, "broken_photo")),
        (b"\0\0\0\x18ftypheic" + b"\0" * 20, "image/heic", (415, "heic")),
        (picture("PNG", size=(12_000, 6_000), mode="1"), "image/png", (413, "huge_photo")),
    ],
)
async def test_what_is_not_what_it_says_is_refused_kindly(
    client: httpx.AsyncClient, content: bytes, mime: str, expected: tuple[int, str]
) -> None:
    assert refusal(await attach(client, content, mime)) == expected
    assert await read(client) == []


async def test_a_file_may_be_twenty_megabytes_and_no_more(client: httpx.AsyncClient) -> None:
    start = b"%PDF-1.7"
    assert (await attach(client, start.ljust(SIZE_LIMIT), "application/pdf")).status_code == 202
    over = await attach(client, start.ljust(SIZE_LIMIT + 1), "application/pdf", client_id="f2")
    assert refusal(over) == (413, "too_big")
    far_over = await attach(client, start.ljust(SIZE_LIMIT * 2), "application/pdf", client_id="f3")
    assert refusal(far_over) == (413, "too_big")


@pytest.mark.parametrize(
    ("labels", "files"),
    [
        ({"client_id": "a"}, {}),
        ({"client_id": "a", "file": "not a file"}, {"other": ("x", b"1", "image/png")}),
        ({}, {"file": ("a.jpg", b"\xff\xd8\xff", "image/jpeg")}),
        ({"client_id": "x" * 200}, {"file": ("a.jpg", b"\xff\xd8\xff", "image/jpeg")}),
    ],
)
async def test_a_form_with_something_missing_is_refused(
    client: httpx.AsyncClient, labels: dict[str, str], files: dict[str, Any]
) -> None:
    refused = await client.post("/api/chat/attachments", data=labels, files=files)
    assert refusal(refused)[0] in (400, 422)


async def test_a_body_that_is_no_form_is_refused(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    refused = await client.post("/api/chat/attachments", content=b"nonsense", headers=headers)
    assert refusal(refused)[0] in (400, 422)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\fake\\合同.pdf", "合同.pdf"),
        ("../../etc/passwd", "passwd"),
        ('a"\r\nb.txt', "ab.txt"),
        ("\u202etxt.exe", "txt.exe"),
    ],
)
def test_a_files_name_is_only_a_name(given: str, kept: str) -> None:
    assert _tidy_name(given) == kept


async def test_attachments_on_either_database(any_storage: Storage) -> None:
    parts = web_parts(any_storage)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app_of(parts)), base_url="http://x") as client:
        await client.post("/api/chat/sessions")
        await attach(client, sound(), "audio/wav", text="听\x00得见")
        (kept,) = await read(client)
        assert kept["text"] == "听得见"
        assert (await client.get(kept["attachments"][0]["url"])).content == sound()
