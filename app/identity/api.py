"""People over HTTP: thin routes over the services."""

from __future__ import annotations

from typing import TypeVar

from flask import request

from app.contract.base import VersionQuery
from app.contract.identity import (
    ApiTokenCreated,
    ApiTokenInput,
    ApiTokenList,
    AuditPage,
    AuditQuery,
    Department,
    DepartmentChange,
    DepartmentInput,
    DepartmentList,
    Done,
    Login,
    LoginAttemptPage,
    LoginAttemptQuery,
    LoginInput,
    OtherSessionsEnd,
    OwnerFlag,
    PasswordChange,
    PasswordReset,
    PermissionInfo,
    PermissionList,
    PersonInput,
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
from app.http import PUBLIC, SIGNED_IN, Routes, decode_cursor, encode_cursor, render, session_token
from app.identity.actor import Actor
from app.identity.queries import log, people, rights
from app.identity.right_names import APART, slice_name, thing_name
from app.identity.service import access, departments, roles, tokens
from app.identity.service import people as people_service
from app.kernel.text import message

routes = Routes("identity")

Row = TypeVar("Row")


def _page(rows: list[Row], limit: int) -> tuple[list[Row], bool]:
    return rows[:limit], len(rows) > limit


def _position(cursor: str) -> int | None:
    values = decode_cursor(cursor, int)
    position = values[0] if values else None
    return position if isinstance(position, int) else None


# --- logging in ---


@routes.post("/api/login", permission=PUBLIC, body=LoginInput, response=Login)
def log_in(body: LoginInput) -> Login:
    """Log in; the answer holds the session's token."""
    return access.log_in(
        body.login_name, body.password, address=request.remote_addr or "", program=request.user_agent.string
    )


@routes.post("/api/logout", permission=SIGNED_IN)
def log_out(actor: Actor) -> None:
    """End this session."""
    access.log_out(actor, session_token())


@routes.get("/api/session", permission=SIGNED_IN, response=SessionInfo)
def get_session(actor: Actor) -> SessionInfo:
    """Return who I am and what I may do."""
    token = session_token()
    return access.session_info(actor, access.csrf_of(token) if token else "")


@routes.post("/api/session/password", permission=SIGNED_IN, body=PasswordChange, response=SessionInfo)
def change_own_password(actor: Actor, body: PasswordChange) -> SessionInfo:
    """Change one's own password; the other sessions end."""
    return access.change_own_password(actor, body, token=session_token() or None)


@routes.get("/api/sessions", permission="identity:session:view", response=SessionList)
def list_sessions(actor: Actor) -> SessionList:
    """List all logins that last."""
    return SessionList(sessions=rights.list_sessions(actor, _current_hash()))


@routes.delete("/api/sessions/<int:id>", permission="identity:session:forceLogout")
def force_logout(actor: Actor, id: int) -> None:  # noqa: A002
    """End somebody's session."""
    access.force_logout(actor, id)


@routes.get("/api/session/logins", permission=SIGNED_IN, response=SessionList)
def list_own_sessions(actor: Actor) -> SessionList:
    """List one's own logins that last."""
    return SessionList(sessions=rights.list_own_sessions(actor, _current_hash()))


@routes.delete("/api/session/logins/<int:id>", permission=SIGNED_IN)
def end_own_session(actor: Actor, id: int) -> None:  # noqa: A002
    """End a login of one's own."""
    access.end_own_session(actor, id)


@routes.post("/api/session/end-others", permission=SIGNED_IN, body=OtherSessionsEnd)
def end_other_sessions(actor: Actor, body: OtherSessionsEnd) -> None:
    """End all logins of one's own but the one that asks."""
    del body
    access.end_other_sessions(actor, session_token())


def _current_hash() -> str:
    token = session_token()
    return access.hash_token(token) if token else ""


# --- people ---


@routes.get("/api/users", permission="identity:user:view", query=UserQuery, response=UserList)
def list_users(actor: Actor, query: UserQuery) -> UserList:
    """List people in the order they were added."""
    rows, more = _page(people.list_users(actor, query, _position(query.cursor) or 0), query.limit)
    return UserList(users=rows, next=encode_cursor([rows[-1].id]) if more else None)


@routes.post("/api/users", permission="identity:user:add", body=UserInput, response=UserAdded, status=201)
def add_user(actor: Actor, body: UserInput) -> UserAdded:
    """Add a person."""
    return UserAdded(message=render(message("用户已添加")), user=people_service.add_user(actor, body))


@routes.get("/api/users/<int:id>", permission=SIGNED_IN, response=User)
def get_user(actor: Actor, id: int) -> User:  # noqa: A002
    """Return a person; everybody may see himself."""
    return people.get_user(actor, id)


@routes.patch("/api/users/<int:id>", permission="identity:user:edit", body=UserChange, response=User)
def change_user(actor: Actor, id: int, body: UserChange) -> User:  # noqa: A002
    """Change a person; fields left out stay."""
    return people_service.change_user(actor, id, body)


@routes.post("/api/users/<int:id>/status", permission="identity:user:changeStatus", body=UserStatus, response=User)
def set_user_status(actor: Actor, id: int, body: UserStatus) -> User:  # noqa: A002
    """Deactivate a person, or let him act again."""
    return people_service.set_user_active(actor, id, body)


@routes.post("/api/users/<int:id>/owner", permission="identity:user:edit", body=OwnerFlag, response=User)
def set_owner(actor: Actor, id: int, body: OwnerFlag) -> User:  # noqa: A002
    """Make a person an owner of the book, or no longer one."""
    return people_service.set_owner(actor, id, body)


@routes.post("/api/users/<int:id>/password", permission="identity:user:resetPwd", body=PasswordReset, response=User)
def reset_password(actor: Actor, id: int, body: PasswordReset) -> User:  # noqa: A002
    """Give a person a new password."""
    return people_service.reset_password(actor, id, body)


@routes.post("/api/users/<int:id>/unlock", permission="identity:user:unlock")
def unlock_user(actor: Actor, id: int) -> None:  # noqa: A002
    """Forget a person's failed logins."""
    people_service.unlock(actor, id)


@routes.get("/users", permission="identity:user:view", response=list[User])
def list_people(actor: Actor) -> list[User]:
    """List all people, as a bare list."""
    found: list[User] = []
    query = UserQuery()
    while True:
        rows, more = _page(people.list_users(actor, query, found[-1].id if found else 0), query.limit)
        found += rows
        if not more:
            return found


@routes.post("/users", permission="identity:user:add", body=PersonInput, response=Done, status=201)
def add_person(actor: Actor, body: PersonInput) -> Done:
    """Add a person by name and e-mail."""
    people_service.add_user(actor, UserInput(name=body.name, age=None, email=body.email))
    return Done(message="User created successfully")


# --- roles and departments ---


@routes.get("/api/permissions", permission=SIGNED_IN, response=PermissionList)
def list_permissions(actor: Actor) -> PermissionList:
    """List every right of the program, named in the caller's language; who may not look at roles gets his own."""
    return PermissionList(
        permissions=[
            PermissionInfo(
                code=right.code,
                name=render(right.name),
                slice_name=render(slice_name(right.code)),
                thing_name=render(thing_name(right.code)),
                keep_apart=right.code in APART,
            )
            for right in rights.list_permissions(actor)
        ]
    )


@routes.get("/api/roles", permission="identity:role:view", response=RoleList)
def list_roles(actor: Actor) -> RoleList:
    """List roles with their rights."""
    return RoleList(roles=rights.list_roles(actor))


@routes.post("/api/roles", permission="identity:role:add", body=RoleInput, response=Role, status=201)
def add_role(actor: Actor, body: RoleInput) -> Role:
    """Add a role."""
    return roles.add_role(actor, body)


@routes.patch("/api/roles/<int:id>", permission="identity:role:edit", body=RoleChange, response=Role)
def change_role(actor: Actor, id: int, body: RoleChange) -> Role:  # noqa: A002
    """Change a role; fields left out stay."""
    return roles.change_role(actor, id, body)


@routes.delete("/api/roles/<int:id>", permission="identity:role:remove", query=VersionQuery)
def delete_role(actor: Actor, id: int, query: VersionQuery) -> None:  # noqa: A002
    """Delete a role nobody has."""
    roles.delete_role(actor, id, query.version)


@routes.get("/api/departments", permission="identity:department:view", response=DepartmentList)
def list_departments(actor: Actor) -> DepartmentList:
    """List departments, parents before their children."""
    return DepartmentList(departments=rights.list_departments(actor))


@routes.post(
    "/api/departments", permission="identity:department:add", body=DepartmentInput, response=Department, status=201
)
def add_department(actor: Actor, body: DepartmentInput) -> Department:
    """Add a department."""
    return departments.add_department(actor, body)


@routes.patch(
    "/api/departments/<int:id>", permission="identity:department:edit", body=DepartmentChange, response=Department
)
def change_department(actor: Actor, id: int, body: DepartmentChange) -> Department:  # noqa: A002
    """Rename or move a department."""
    return departments.change_department(actor, id, body)


@routes.delete("/api/departments/<int:id>", permission="identity:department:remove", query=VersionQuery)
def delete_department(actor: Actor, id: int, query: VersionQuery) -> None:  # noqa: A002
    """Delete a department without people and departments in it."""
    departments.delete_department(actor, id, query.version)


# --- tokens and the log ---


@routes.get("/api/tokens", permission=SIGNED_IN, response=ApiTokenList)
def list_tokens(actor: Actor) -> ApiTokenList:
    """List API tokens: all of them with the right to see them, else one's own."""
    return ApiTokenList(tokens=rights.list_tokens(actor))


@routes.post(
    "/api/tokens",
    permission="identity:token:add",
    body=ApiTokenInput,
    response=ApiTokenCreated,
    status=201,
    secret_answer=True,
)
def create_token(actor: Actor, body: ApiTokenInput) -> ApiTokenCreated:
    """Make an API token; it is shown this once."""
    return tokens.create_token(actor, body)


@routes.delete("/api/tokens/<int:id>", permission=SIGNED_IN)
def revoke_token(actor: Actor, id: int) -> None:  # noqa: A002
    """Make an API token worthless; one's own, or any with the right to."""
    tokens.revoke_token(actor, id)


@routes.get("/api/audit", permission="identity:audit:view", query=AuditQuery, response=AuditPage)
def list_audit(actor: Actor, query: AuditQuery) -> AuditPage:
    """Search the log of changes, newest first."""
    rows, more = _page(log.list_audit(actor, query, _position(query.cursor)), query.limit)
    return AuditPage(entries=rows, next=encode_cursor([rows[-1].id]) if more else None)


@routes.get("/api/login-attempts", permission="identity:login:view", query=LoginAttemptQuery, response=LoginAttemptPage)
def list_login_attempts(actor: Actor, query: LoginAttemptQuery) -> LoginAttemptPage:
    """Search the tries to log in, newest first."""
    rows, more = _page(log.list_login_attempts(actor, query, _position(query.cursor)), query.limit)
    return LoginAttemptPage(attempts=rows, next=encode_cursor([rows[-1].id]) if more else None)
