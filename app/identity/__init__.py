"""People: users, roles, permissions, departments, sessions, API tokens, audit log."""
