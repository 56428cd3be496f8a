"""Widgets every page may use."""
