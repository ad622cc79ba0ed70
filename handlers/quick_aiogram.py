"""aiogram, imported in a quarter of its time.

It builds the validators of its 450 types while it is imported: two seconds of every start, for types of which we meet a
few dozen. Here their fields are settled, and pydantic builds a type when it is first met, as it does for every model with
``defer_build``. With a pydantic that has other insides, aiogram is imported as it comes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def import_aiogram() -> None:
    """Before anything else imports it."""
    if "aiogram" in sys.modules:
        return
    with _fields_only():
        import aiogram.methods  # noqa: F401


@contextmanager
def _fields_only() -> Iterator[None]:
    try:
        from pydantic._internal import _model_construction as construction
        from pydantic._internal._fields import rebuild_model_fields
        from pydantic._internal._generics import get_model_typevars_map
        from pydantic._internal._mock_val_ser import set_model_mocks

        complete = construction.complete_model_class
    except (ImportError, AttributeError):
        yield
        return

    def settle(model: Any, config_wrapper: Any, ns_resolver: Any, **_: Any) -> bool:
        if not model.__pydantic_fields_complete__:
            known = {"config_wrapper": config_wrapper, "ns_resolver": ns_resolver}
            found = rebuild_model_fields(model, **known, typevars_map=get_model_typevars_map(model))
            model.__pydantic_fields__, model.__pydantic_extra_info__ = found
        set_model_mocks(model)
        return False

    construction.complete_model_class = settle  # type: ignore[assignment]
    try:
        yield
    finally:
        construction.complete_model_class = complete
