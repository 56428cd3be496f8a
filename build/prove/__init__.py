"""The proof that the built Windows program does what it promises, under Wine; build/prove_windows.py runs it."""
