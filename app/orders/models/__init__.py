"""The tables of documents, payments and settlements. No rules here."""

from app.orders.models import documents, payments
from app.orders.models.documents import OrdersModel

__all__ = ["OrdersModel", "documents", "payments"]
