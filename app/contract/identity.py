"""People on the wire: logging in, users, roles, departments, API tokens, the log."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.contract.base import Change, Contract, PageQuery, RequestId

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 200


class User(Contract):
    """A person as he stands. He can log in once he has a login name and a password."""

    id: int
    name: str
    age: int | None
    email: str | None
    login_name: str | None
    has_password: bool
    must_change_password: bool
    active: bool
    is_owner: bool
    department_id: int | None
    roles: list[int]
    permission_version: int
    version: int


class UserQuery(PageQuery):
    """Look-up of people by a part of the name, login name or e-mail."""

    q: str = Field("", max_length=100)
    include_inactive: bool = True
    limit: int = Field(1000, ge=1, le=1000)


class UserList(Contract):
    """One page of people, in the order they were added."""

    users: list[User]
    next: str | None = None


class UserInput(Contract):
    """A new person. `age` must be given and may be null; the rest is optional."""

    name: str = Field(max_length=60)
    age: int | None = Field(ge=0, le=150)
    email: str | None = Field(None, max_length=200)
    login_name: str | None = Field(None, max_length=60)
    password: str | None = Field(None, max_length=MAX_PASSWORD_LENGTH)
    must_change_password: bool = Field(True, description="the first password was chosen by somebody else")
    roles: list[int] = Field(default_factory=list, max_length=200)
    department_id: int | None = None
    request_id: RequestId | None = None


class PersonInput(Contract):
    """A new person of `POST /users`: name and e-mail."""

    name: str = Field(max_length=60)
    email: str = Field(max_length=200)
    request_id: RequestId | None = None


class UserChange(Change):
    """What may change on a person; fields left out stay, null empties."""

    name: str | None = Field(None, max_length=60)
    age: int | None = Field(None, ge=0, le=150)
    email: str | None = Field(None, max_length=200)
    login_name: str | None = Field(None, max_length=60)
    roles: list[int] | None = Field(None, max_length=200)
    department_id: int | None = None


class UserStatus(Change):
    """Whether a person may act."""

    active: bool


class OwnerFlag(Change):
    """Whether a person owns the book: has every right, also over the other owners."""

    is_owner: bool


class UserAdded(Contract):
    """The answer to `POST /api/users`."""

    message: str
    user: User


class Done(Contract):
    """A sentence that says what was done."""

    message: str


class LoginInput(Contract):
    """A try to log in."""

    login_name: str = Field(max_length=60)
    password: str = Field(max_length=MAX_PASSWORD_LENGTH)


class SessionInfo(Contract):
    """Who I am and what I may do now. When `permission_version` changes, menus are made anew."""

    user: User
    permissions: list[str] = Field(description="codes; an owner has every right, whatever stands here")
    logins: bool = Field(description="true as soon as people log in to this book")
    must_change_password: bool
    csrf: str = Field("", description="for cookie sessions: the value of X-CSRF-Token on every change")


class Login(Contract):
    """A successful login. The token goes into `X-Zhangfang-Session` (window) and is shown only here."""

    token: str
    session: SessionInfo


class PasswordChange(Contract):
    """One's own new password; `old_password` is empty while there is none yet."""

    old_password: str = Field("", max_length=MAX_PASSWORD_LENGTH)
    new_password: str = Field(max_length=MAX_PASSWORD_LENGTH)


class PasswordReset(Contract):
    """A password an administrator gives; the person changes it at his next login unless told otherwise."""

    password: str = Field(max_length=MAX_PASSWORD_LENGTH)
    must_change_password: bool = True
    request_id: RequestId | None = None


class SessionRow(Contract):
    """A login that lasts; times are UTC milliseconds."""

    id: int
    user_id: int
    user_name: str
    created_at: int
    last_seen_at: int
    expires_at: int
    address: str
    program: str
    current: bool = Field(False, description="whether it is the one that asks")


class SessionList(Contract):
    """Logins that last, newest first."""

    sessions: list[SessionRow]


class OtherSessionsEnd(Contract):
    """The wish that all one's logins end but the one that asks."""

    request_id: RequestId | None = None


class PermissionInfo(Contract):
    """A right: its code `slice:thing:verb`, and what it, its slice and its thing are called by the caller."""

    code: str
    name: str
    slice_name: str
    thing_name: str
    keep_apart: bool = Field(description="of making, reviewing, posting, closing, reopening: not all in one hand")


class PermissionList(Contract):
    """Every right of the program, in the order people read them."""

    permissions: list[PermissionInfo]


class Role(Contract):
    """A named set of rights, and how many people have it."""

    id: int
    name: str
    description: str
    permissions: list[str]
    users: int
    built_in: bool = Field(description="whether it bears the name of a role every new book begins with")
    version: int


class RoleList(Contract):
    """All roles."""

    roles: list[Role]


class RoleInput(Contract):
    """A new role. Nobody can put a right into it that he lacks himself."""

    name: str = Field(max_length=60)
    description: str = Field("", max_length=200)
    permissions: list[str] = Field(default_factory=list, max_length=2000)
    request_id: RequestId | None = None


class RoleChange(Change):
    """What may change on a role; fields left out stay."""

    name: str | None = Field(None, max_length=60)
    description: str | None = Field(None, max_length=200)
    permissions: list[str] | None = Field(None, max_length=2000)


class Department(Contract):
    """A node of the tree of departments."""

    id: int
    parent_id: int | None
    name: str
    code: str
    active: bool
    users: int
    version: int


class DepartmentList(Contract):
    """All departments; parents come before their children."""

    departments: list[Department]


class DepartmentInput(Contract):
    """A new department."""

    name: str = Field(max_length=60)
    parent_id: int | None = None
    code: str = Field("", max_length=40)
    request_id: RequestId | None = None


class DepartmentChange(Change):
    """What may change on a department; fields left out stay. `parent_id` null moves it to the top."""

    name: str | None = Field(None, max_length=60)
    parent_id: int | None = None
    code: str | None = Field(None, max_length=40)
    active: bool | None = None


class ApiToken(Contract):
    """A token another program calls with; itself it was shown once only."""

    id: int
    name: str
    user_id: int
    user_name: str
    scope: list[str] | None = Field(description="the only rights it has, or null for all of its person")
    created_at: int
    last_used_at: int | None
    expires_at: int | None
    revoked_at: int | None


class ApiTokenList(Contract):
    """All API tokens, newest first."""

    tokens: list[ApiToken]


class ApiTokenInput(Contract):
    """A new API token: for whom (default: oneself), with which rights (default: all of his), until when."""

    name: str = Field("", max_length=100)
    user_id: int | None = None
    scope: list[str] | None = Field(None, max_length=2000)
    expires_at: int | None = Field(None, ge=0, description="UTC milliseconds")
    request_id: RequestId | None = None


class ApiTokenCreated(Contract):
    """The answer to a new token, the only time it is shown."""

    id: int
    token: str


class AuditRow(Contract):
    """What was changed by whom; secrets stand masked. `result` is `done` or the code of the refusal."""

    id: int
    at: int
    user_id: int | None
    user_name: str
    action: str
    object_type: str
    object_id: str
    before: Any | None
    after: Any | None
    result: str
    duration_ms: int | None
    address: str


class AuditQuery(PageQuery):
    """Filters of the log, newest first; all that are given must hold."""

    user_id: int | None = None
    action: str = Field("", max_length=100)
    verb: str = Field("", max_length=40, description="the last part of the action, such as `remove`")
    outcome: Literal["", "done", "refused"] = ""
    object_type: str = Field("", max_length=60)
    object_id: str = Field("", max_length=100)
    from_ms: int | None = Field(None, ge=0)
    to_ms: int | None = Field(None, ge=0)


class AuditPage(Contract):
    """One page of the log."""

    entries: list[AuditRow]
    next: str | None


class AuditExport(Contract):
    """Which part of the log, and as which kind of file: `xlsx`, or `csv` in UTF-8 with a byte order mark."""

    filters: AuditQuery = Field(default_factory=AuditQuery, description="cursor and limit do not count")
    format: Literal["xlsx", "csv"] = "xlsx"
    utc_offset_minutes: int = Field(0, ge=-14 * 60, le=14 * 60, description="of the times in the file")
    request_id: RequestId | None = None


class LoginAttemptRow(Contract):
    """A try to log in.

    `outcome`: ok, wrong, waiting, locked, or unlocked by an administrator; token: a wrong API token, under no name.
    """

    id: int
    at: int
    login_name: str
    user_id: int | None
    address: str
    outcome: str
    user_name: str = Field("", description="of the person with that login name; empty for an unknown one")


class LoginAttemptQuery(PageQuery):
    """Filters of the tries to log in, newest first; all that are given must hold."""

    q: str = Field("", max_length=100, description="a part of the login name or address, or of the person's name")
    outcome: Literal["", "ok", "failed", "locked", "unknown", "token"] = Field(
        "", description="`failed` are all that did not get in; `unknown` those under names that are nobody's"
    )
    from_ms: int | None = Field(None, ge=0)
    to_ms: int | None = Field(None, ge=0)


class LoginAttemptPage(Contract):
    """One page of tries to log in, newest first."""

    attempts: list[LoginAttemptRow]
    next: str | None
