"""The period close: what a month still needs, one module a step; each computes the difference to what is booked.

`steps.plan` and `steps.propose` are the way in, `running` saves, skips and forgets; `carrying.carry_forward` is what
closing a month with `carry_forward` does. What each step does and in which law it stands: docs/closing.md.
"""
