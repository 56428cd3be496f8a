"""Endpoints of the period close."""

from __future__ import annotations

from collections.abc import Mapping

from app.client.calls import Calls, keyed
from app.contract.closing import (
    ClosingParameters,
    ClosingPlan,
    ClosingStep,
    ProposalWish,
    StepKey,
    StepProposal,
    StepReset,
    StepRun,
    StepSkip,
)


class ClosingCalls(Calls):
    """The period close: what a month (`2026-06`) still needs, step by step."""

    def closing_plan(self, period: str) -> ClosingPlan:
        """Return the checks of a month and how far each step is."""
        return self.transport.call("GET", f"/api/closing/{period}", ClosingPlan)

    def propose_step(self, period: str, step: StepKey, parameters: Mapping[str, str] | None = None) -> StepProposal:
        """Compute what a step would book, with these parameters; nothing is written."""
        wish = ProposalWish(parameters=dict(parameters or {}))
        return self.transport.call("POST", f"/api/closing/{period}/{step}/proposal", StepProposal, body=wish)

    def run_step(self, period: str, step: StepKey, run: StepRun) -> ClosingStep:
        """Save a step's vouchers and return how far the step is now. Raises `Conflict` for a stale proposal."""
        return self.transport.call("POST", f"/api/closing/{period}/{step}", ClosingStep, body=keyed(run))

    def skip_step(self, period: str, step: StepKey, reason: str, version: int | None = None) -> ClosingStep:
        """Leave a step out, with the reason."""
        skip = keyed(StepSkip(reason=reason, version=version))
        return self.transport.call("POST", f"/api/closing/{period}/{step}/skip", ClosingStep, body=skip)

    def reset_step(self, period: str, step: StepKey, version: int | None = None) -> ClosingStep:
        """Forget that a step was skipped or settled; its vouchers stay."""
        body = keyed(StepReset(version=version))
        return self.transport.call("POST", f"/api/closing/{period}/{step}/reset", ClosingStep, body=body)

    def closing_parameters(self) -> ClosingParameters:
        """Return the rates and choices the book's closes are computed with."""
        return self.transport.call("GET", "/api/closing-parameters", ClosingParameters)

    def change_closing_parameters(self, parameters: ClosingParameters) -> ClosingParameters:
        """Replace them; a stale `version` raises `Conflict`."""
        return self.transport.call("PUT", "/api/closing-parameters", ClosingParameters, body=keyed(parameters))
