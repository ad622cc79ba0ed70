"""aiogram's types are built when they are met, and lack nothing then."""

from __future__ import annotations

import subprocess
import sys

import aiogram.methods
import aiogram.types
import pytest
from aiogram.types import Chat, Message, Update
from pydantic import BaseModel, ValidationError

TYPES = [getattr(aiogram.types, name) for name in aiogram.types.__all__]
METHODS = [getattr(aiogram.methods, name) for name in aiogram.methods.__all__]
MODELS = [one for one in (*TYPES, *METHODS) if isinstance(one, type) and issubclass(one, BaseModel)]
MESSAGE = {"message_id": 7, "date": 1_790_000_000, "chat": {"id": 1, "type": "private"}, "text": "水管"}


def test_every_type_knows_its_fields() -> None:
    assert len(MODELS) > 500
    assert [one for one in MODELS if not one.__pydantic_fields_complete__] == []


def test_none_is_built_before_it_is_met() -> None:
    script = "from handlers.quick_aiogram import import_aiogram; import_aiogram(); import aiogram.types as types; "
    script += "print(types.Update.__pydantic_complete__, types.StickerSet.__pydantic_complete__)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]


def test_a_type_that_is_met_is_whole() -> None:
    update = Update.model_validate({"update_id": 1, "message": MESSAGE})
    assert isinstance(update.message, Message)
    assert isinstance(update.message.chat, Chat)
    assert Message.model_validate(MESSAGE).model_dump(mode="json", exclude_none=True)["text"] == "水管"
    with pytest.raises(ValidationError):
        Message.model_validate(MESSAGE | {"date": "soon"})
