"""The period close over HTTP: thin routes over `app.ledger.service.closing`."""

from __future__ import annotations

from app.contract.closing import (
    ClosingParameters,
    ClosingPlan,
    ClosingStep,
    ProposalWish,
    StepProposal,
    StepReset,
    StepRun,
    StepSkip,
)
from app.http import Routes
from app.http.decoding import require_version
from app.identity.actor import Actor
from app.kernel.period import parse_period
from app.ledger.service.closing import parameters, running, steps

routes = Routes("closing")


@routes.get("/api/closing/<period>", permission="ledger:closing:view", response=ClosingPlan)
def get_plan(actor: Actor, period: str) -> ClosingPlan:
    """Return the checks of a month and how far each step is."""
    return steps.plan(actor, parse_period(period))


@routes.post(
    "/api/closing/<period>/<step>/proposal",
    permission="ledger:closing:view",
    body=ProposalWish,
    response=StepProposal,
)
def propose(actor: Actor, period: str, step: str, body: ProposalWish) -> StepProposal:
    """Compute what a step would book with these parameters; nothing is written."""
    return steps.propose(actor, parse_period(period), step, body.parameters)


@routes.post(
    "/api/closing/<period>/<step>", permission="ledger:closing:run", body=StepRun, response=ClosingStep, status=201
)
def run_step(actor: Actor, period: str, step: str, body: StepRun) -> ClosingStep:
    """Save a step's vouchers, and post them if wished."""
    return running.run_step(actor, parse_period(period), step, body)


@routes.post("/api/closing/<period>/<step>/skip", permission="ledger:closing:run", body=StepSkip, response=ClosingStep)
def skip_step(actor: Actor, period: str, step: str, body: StepSkip) -> ClosingStep:
    """Leave a step out, with the reason."""
    return running.skip_step(actor, parse_period(period), step, body.reason, body.version)


@routes.post(
    "/api/closing/<period>/<step>/reset", permission="ledger:closing:run", body=StepReset, response=ClosingStep
)
def reset_step(actor: Actor, period: str, step: str, body: StepReset) -> ClosingStep:
    """Forget that a step was skipped or settled; its vouchers stay."""
    return running.reset_step(actor, parse_period(period), step, body.version)


@routes.get("/api/closing-parameters", permission="ledger:closing:view", response=ClosingParameters)
def get_parameters(actor: Actor) -> ClosingParameters:
    """Return the rates and choices closes are computed with."""
    return parameters.read_closing_parameters(actor)


@routes.put(
    "/api/closing-parameters", permission="ledger:closing:edit", body=ClosingParameters, response=ClosingParameters
)
def change_parameters(actor: Actor, body: ClosingParameters) -> ClosingParameters:
    """Replace them; `version` says which ones the change is based on."""
    require_version(body)
    return parameters.change_closing_parameters(actor, body)
