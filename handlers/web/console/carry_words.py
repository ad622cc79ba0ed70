"""What is wrong with a file, in words; and the sheets as staff know them."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.texts.catalogue import Texts
from knowledge.sheets import Finding, Record, Sheet, shipped

FEW = 10
"""So many choices are named where something is none of them."""


@dataclass(frozen=True, slots=True)
class Saying:
    """The words for one sheet in one language."""

    sheet: Sheet
    texts: Texts

    def __call__(self, one: Finding) -> str:
        """With its place: 第 17 行「楼栋」：没有 73 栋。"""
        at = "row" if one.row and one.column else "line" if one.row else "column" if one.column else "file"
        at = "column" if one.code == "no_column" else "file" if one.code in ("unknown_column", "twice_column") else at
        return self.texts(
            f"carry_wrong.at_{at}", row=one.row, column=self.heading(one.column), problem=self.problem(one)
        )

    def problem(self, one: Finding) -> str:
        value = shipped()[one.value].name.get(self.texts.language) if one.code == "other_sheet" else one.value
        said = self.texts(f"carry_wrong.{one.code}").replace("{value}", value)
        column = self.sheet.column(one.column) if one.code == "no_choice" and one.column else None
        if column is None or column.source or not 0 < len(column.choices) <= FEW:
            return said
        names = self.texts("carry_wrong.between").join(choice.name(self.texts.language) for choice in column.choices)
        return self.texts("carry_wrong.choices", said=said, names=names)

    def heading(self, key: str) -> str:
        return self.sheet.column(key).heading.get(self.texts.language) if key else ""

    def shown(self, record: Record, key: str) -> str:
        """A value of a record in words; choices of the sheet by their names."""
        value, column = record.get(key, ""), self.sheet.column(key)
        names = {choice.value: choice.name(self.texts.language) for choice in column.choices}
        return names.get(value, value)
