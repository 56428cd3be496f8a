"""Endpoints of asset cards."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.assets import (
    AgreementQuery,
    Asset,
    AssetAgreement,
    AssetChange,
    AssetDisposal,
    AssetDisposalPlan,
    AssetDisposalQuery,
    AssetInput,
    AssetPage,
    AssetQuery,
    AssetSchedule,
)
from app.contract.base import Change


class AssetCalls(Calls):
    """The endpoints of asset cards. `version` is the one the caller has seen; a stale one raises `Conflict`."""

    def list_assets(self, query: AssetQuery | None = None) -> AssetPage:
        """Return one page of cards by code, and what all that match add up to."""
        return self.transport.call("GET", "/api/assets", AssetPage, query=query)

    def get_asset(self, asset_id: int) -> Asset:
        """Return one card whole."""
        return self.transport.call("GET", f"/api/assets/{asset_id}", Asset)

    def add_asset(self, asset: AssetInput) -> Asset:
        """Add a card and return it."""
        return self.transport.call("POST", "/api/assets", Asset, body=keyed(asset))

    def change_asset(self, asset_id: int, change: AssetChange) -> Asset:
        """Change what `change` names and return the card."""
        return self.transport.call("PATCH", f"/api/assets/{asset_id}", Asset, body=keyed(change))

    def delete_asset(self, asset_id: int, version: int | None = None) -> None:
        """Delete a card that no voucher charged."""
        self.transport.send("DELETE", f"/api/assets/{asset_id}", query={"version": version})

    def preview_asset_schedule(self, asset: AssetInput) -> AssetSchedule:
        """Return the plan a card would have; nothing is kept."""
        return self.transport.call("POST", "/api/assets/schedule", AssetSchedule, body=asset)

    def asset_schedule(self, asset_id: int) -> AssetSchedule:
        """Return the whole plan of a card."""
        return self.transport.call("GET", f"/api/assets/{asset_id}/schedule", AssetSchedule)

    def plan_asset_disposal(self, asset_id: int, query: AssetDisposalQuery) -> AssetDisposalPlan:
        """Return what a disposal would come to, and the voucher proposed for it."""
        return self.transport.call("GET", f"/api/assets/{asset_id}/disposal", AssetDisposalPlan, query=query)

    def dispose_asset(self, asset_id: int, wish: AssetDisposal) -> Asset:
        """Take a card out of use."""
        return self.transport.call("POST", f"/api/assets/{asset_id}/dispose", Asset, body=keyed(wish))

    def undo_asset_disposal(self, asset_id: int, version: int | None = None) -> Asset:
        """Take a disposal back."""
        body = keyed(Change() if version is None else Change(version=version))
        return self.transport.call("POST", f"/api/assets/{asset_id}/undispose", Asset, body=body)

    def asset_agreement(self, query: AgreementQuery) -> AssetAgreement:
        """Compare the cards with the ledger at a month's end."""
        return self.transport.call("GET", "/api/assets/agreement", AssetAgreement, query=query)
