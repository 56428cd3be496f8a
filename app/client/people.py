"""Endpoints of people: logging in and out, users, roles, departments."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.identity import (
    Department,
    DepartmentChange,
    DepartmentInput,
    DepartmentList,
    Login,
    LoginInput,
    PasswordChange,
    PasswordReset,
    PermissionList,
    Role,
    RoleChange,
    RoleInput,
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

    def list_permissions(self) -> PermissionList:
        """Return every right of the program, named in the caller's language."""
        return self.transport.call("GET", "/api/permissions", PermissionList)

    def add_role(self, role: RoleInput) -> Role:
        """Add a role."""
        return self.transport.call("POST", "/api/roles", Role, body=keyed(role))

    def change_role(self, role_id: int, change: RoleChange) -> Role:
        """Change what `change` names."""
        return self.transport.call("PATCH", f"/api/roles/{role_id}", Role, body=keyed(change))

    def delete_role(self, role_id: int) -> None:
        """Delete a role nobody has."""
        self.transport.send("DELETE", f"/api/roles/{role_id}")

    def list_departments(self) -> DepartmentList:
        """Return all departments, parents before their children."""
        return self.transport.call("GET", "/api/departments", DepartmentList)

    def add_department(self, department: DepartmentInput) -> Department:
        """Add a department."""
        return self.transport.call("POST", "/api/departments", Department, body=keyed(department))

    def change_department(self, department_id: int, change: DepartmentChange) -> Department:
        """Rename, move, deactivate or activate a department."""
        return self.transport.call("PATCH", f"/api/departments/{department_id}", Department, body=keyed(change))

    def delete_department(self, department_id: int) -> None:
        """Delete a department without people and departments in it."""
        self.transport.send("DELETE", f"/api/departments/{department_id}")
