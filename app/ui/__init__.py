"""The window: tasks, shell, widgets, one folder per slice."""
