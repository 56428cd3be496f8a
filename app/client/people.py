"""Endpoints of people: logging in and out, users, roles, departments."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.client.transport import encode
from app.contract.book import Job
from app.contract.identity import (
    ApiTokenCreated,
    ApiTokenInput,
    ApiTokenList,
    AuditExport,
    AuditPage,
    AuditQuery,
    Department,
    DepartmentChange,
    DepartmentInput,
    DepartmentList,
    Login,
    LoginAttemptPage,
    LoginAttemptQuery,
    LoginInput,
    OtherSessionsEnd,
    PasswordChange,
    PasswordReset,
    PermissionList,
    Role,
    RoleChange,
    RoleInput,
    RoleList,
    SessionInfo,
    SessionList,
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

    def delete_role(self, role_id: int, version: int | None = None) -> None:
        """Delete a role nobody has."""
        self.transport.send("DELETE", f"/api/roles/{role_id}", query={"version": version})

    def list_departments(self) -> DepartmentList:
        """Return all departments, parents before their children."""
        return self.transport.call("GET", "/api/departments", DepartmentList)

    def add_department(self, department: DepartmentInput) -> Department:
        """Add a department."""
        return self.transport.call("POST", "/api/departments", Department, body=keyed(department))

    def change_department(self, department_id: int, change: DepartmentChange) -> Department:
        """Rename, move, deactivate or activate a department."""
        return self.transport.call("PATCH", f"/api/departments/{department_id}", Department, body=keyed(change))

    def delete_department(self, department_id: int, version: int | None = None) -> None:
        """Delete a department without people and departments in it."""
        self.transport.send("DELETE", f"/api/departments/{department_id}", query={"version": version})

    def list_audit(self, query: AuditQuery | None = None) -> AuditPage:
        """Search the log of changes, newest first."""
        return self.transport.call("GET", "/api/audit", AuditPage, query=query)

    def start_log_export(self, wish: AuditExport) -> Job:
        """Write the filtered log of changes as a table; its file is fetched when the job is done."""
        return self.transport.call("POST", "/api/audit/export", Job, body=keyed(wish))

    def list_login_attempts(self, query: LoginAttemptQuery | None = None) -> LoginAttemptPage:
        """Search the tries to log in, newest first."""
        return self.transport.call("GET", "/api/login-attempts", LoginAttemptPage, query=query)

    def list_sessions(self) -> SessionList:
        """Return everybody's logins that last."""
        return self.transport.call("GET", "/api/sessions", SessionList)

    def list_own_sessions(self) -> SessionList:
        """Return one's own logins that last."""
        return self.transport.call("GET", "/api/session/logins", SessionList)

    def force_logout(self, session_id: int) -> None:
        """End somebody's login."""
        self.transport.send("DELETE", f"/api/sessions/{session_id}")

    def end_own_session(self, session_id: int) -> None:
        """End a login of one's own."""
        self.transport.send("DELETE", f"/api/session/logins/{session_id}")

    def end_other_sessions(self) -> None:
        """End all logins of one's own but this one."""
        self.transport.send("POST", "/api/session/end-others", body=encode(keyed(OtherSessionsEnd())))

    def list_tokens(self) -> ApiTokenList:
        """Return API tokens: all of them with the right to see them, else one's own."""
        return self.transport.call("GET", "/api/tokens", ApiTokenList)

    def create_token(self, new: ApiTokenInput) -> ApiTokenCreated:
        """Make an API token; it is in this answer and never again."""
        return self.transport.call("POST", "/api/tokens", ApiTokenCreated, body=keyed(new))

    def revoke_token(self, token_id: int) -> None:
        """Make an API token worthless."""
        self.transport.send("DELETE", f"/api/tokens/{token_id}")
