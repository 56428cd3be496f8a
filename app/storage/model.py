"""The base of every table: bound to the current book, named in its slice's schema, ids never reused."""

from __future__ import annotations

from typing import Any

import peewee

from app.storage.database import current_database, open_book, register_table


class SliceMetadata(peewee.Metadata):
    """Finds a table's schema in the current book, so that services may live in schemas of their own."""

    slice: str = ""

    def __init__(self, model: Any, *args: Any, **kwargs: Any) -> None:
        """Register the table with its slice (`class Meta: slice = "ledger"`)."""
        super().__init__(model, *args, **kwargs)
        self._tables: dict[str | None, Any] = {}
        if kwargs.get("slice"):
            register_table(self.table_name, kwargs["slice"])

    @property
    def schema(self) -> str | None:
        """Return the slice's schema in the current book; none while classes are made, before any book is open."""
        book = open_book()
        return book.address.schema_of(self.slice) if book is not None and self.slice else None

    @schema.setter
    def schema(self, value: str | None) -> None:
        if value is not None:
            raise ValueError("a slice's schema comes from the book's address")

    @property
    def table(self) -> Any:
        """Return the table in the current book's schema."""
        schema = self.schema
        if schema not in self._tables:
            names = [field.column_name for field in self.sorted_fields]
            self._tables[schema] = peewee.Table(
                self.table_name, names, schema=schema, _model=self.model, _database=self.database
            )
        return self._tables[schema]

    @table.deleter
    def table(self) -> None:
        self._tables = {}

    @property
    def entity(self) -> Any:
        """Return the qualified name."""
        schema = self.schema
        return peewee.Entity(schema, self.table_name) if schema else peewee.Entity(self.table_name)


class SliceModel(peewee.Model):
    """Base class of all tables. Sub-classes set `class Meta: slice = "…"; table_name = "…"`."""

    class Meta:
        """Bind to the current book."""

        database = current_database
        model_metadata_class = SliceMetadata
        legacy_table_names = False
        slice = ""
