"""Endpoints of people: logging in and out, users, roles."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.identity import (
    Login,
    LoginInput,
    PasswordChange,
    PasswordReset,
    RoleList,
    SessionInfo,
    User,
    UserAdded,
    UserChange,
    UserInput,
    UserList,
    UserQuery,
    UserStatus,
)


class PeopleCalls(Calls):
    """The endpoints of identity."""

    def log_in(self, login_name: str, password: str) -> SessionInfo:
        """Log in; the session's token is kept by the transport. Raises `NotAuthenticated`, `TooManyRequests`."""
        answer = self.transport.call(
            "POST", "/api/login", Login, body=LoginInput(login_name=login_name, password=password)
        )
        self.transport.session = answer.token
        return answer.session

    def log_out(self) -> None:
        """End the session."""
        self.transport.send("POST", "/api/logout")
        self.transport.session = ""

    def session(self) -> SessionInfo:
        """Return who works and what he may do. Raises `NotAuthenticated` where people log in and nobody has."""
        return self.transport.call("GET", "/api/session", SessionInfo)

    def change_own_password(self, change: PasswordChange) -> SessionInfo:
        """Change one's own password; other sessions of the person end."""
        return self.transport.call("POST", "/api/session/password", SessionInfo, body=change)

    def list_users(self, query: UserQuery | None = None) -> UserList:
        """Return people in the order they were added."""
        return self.transport.call("GET", "/api/users", UserList, query=query)

    def add_user(self, user: UserInput) -> UserAdded:
        """Add a person."""
        return self.transport.call("POST", "/api/users", UserAdded, body=keyed(user))

    def change_user(self, user_id: int, change: UserChange) -> User:
        """Change what `change` names."""
        return self.transport.call("PATCH", f"/api/users/{user_id}", User, body=keyed(change))

    def set_user_active(self, user_id: int, status: UserStatus) -> User:
        """Deactivate a person, who then can do nothing any more, or activate him again."""
        return self.transport.call("POST", f"/api/users/{user_id}/status", User, body=keyed(status))

    def reset_password(self, user_id: int, reset: PasswordReset) -> User:
        """Give a person a new password; his sessions end."""
        return self.transport.call("POST", f"/api/users/{user_id}/password", User, body=keyed(reset))

    def unlock_user(self, user_id: int) -> None:
        """Let a person try to log in again after too many wrong passwords."""
        self.transport.send("POST", f"/api/users/{user_id}/unlock")

    def list_roles(self) -> RoleList:
        """Return all roles."""
        return self.transport.call("GET", "/api/roles", RoleList)
