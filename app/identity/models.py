"""Tables of people, rights, sessions and the log. No rules here."""

from __future__ import annotations

import peewee

from app.storage.model import SliceModel


class Department(SliceModel):
    """A node of the tree of departments; `parent_key` is the parent's id or 0, for unique names at the top too."""

    id = peewee.BigAutoField()
    parent = peewee.ForeignKeyField("self", null=True, column_name="parent_id", index=False)
    parent_key = peewee.BigIntegerField()
    name = peewee.CharField(60)
    code = peewee.CharField(40)
    active = peewee.BigIntegerField()
    version = peewee.BigIntegerField()

    class Meta:
        """The table."""

        slice = "identity"
        table_name = "department"


class User(SliceModel):
    """A person. He can log in once he has a login name and a password; `*_key` are case-folded for uniqueness."""

    id = peewee.BigAutoField()
    name = peewee.CharField(60)
    name_key = peewee.CharField(120, null=True, unique=True)
    age = peewee.BigIntegerField(null=True)
    email = peewee.CharField(200, null=True)
    login_name = peewee.CharField(60, null=True)
    login_key = peewee.CharField(120, null=True, unique=True)
    password_hash = peewee.CharField(255, null=True)
    must_change_password = peewee.BigIntegerField()
    active = peewee.BigIntegerField()
    is_owner = peewee.BigIntegerField()
    department = peewee.ForeignKeyField(Department, null=True, column_name="department_id", index=False)
    version = peewee.BigIntegerField()
    permission_version = peewee.BigIntegerField()
    created_at = peewee.BigIntegerField()
    updated_at = peewee.BigIntegerField()

    class Meta:
        """The table."""

        slice = "identity"
        table_name = "user"


class PermissionRow(SliceModel):
    """A right the program knows; `active` is 0 once no slice declares it any more."""

    code = peewee.CharField(100, primary_key=True)
    name = peewee.CharField(120)
    slice_name = peewee.CharField(40)
    active = peewee.BigIntegerField()

    class Meta:
        """The table."""

        slice = "identity"
        table_name = "permission"


class Role(SliceModel):
    """A named set of rights."""

    id = peewee.BigAutoField()
    name = peewee.CharField(60)
    name_key = peewee.CharField(120, unique=True)
    description = peewee.CharField(200)
    version = peewee.BigIntegerField()

    class Meta:
        """The table."""

        slice = "identity"
        table_name = "role"


class RolePermission(SliceModel):
    """A right in a role."""

    role = peewee.ForeignKeyField(Role, column_name="role_id", index=False)
    permission = peewee.ForeignKeyField(PermissionRow, column_name="permission_code", index=False)

    class Meta:
        """The table."""

        slice = "identity"
        table_name = "role_permission"
        primary_key = peewee.CompositeKey("role", "permission")


class UserRole(SliceModel):
    """A role of a person."""

    user = peewee.ForeignKeyField(User, column_name="user_id", index=False)
    role = peewee.ForeignKeyField(Role, column_name="role_id", index=False)

    class Meta:
        """The table."""

        slice = "identity"
        table_name = "user_role"
        primary_key = peewee.CompositeKey("user", "role")


class Session(SliceModel):
    """A login that lasts; only the hash of its token is kept."""

    id = peewee.BigAutoField()
    token_hash = peewee.CharField(64, unique=True)
    user = peewee.ForeignKeyField(User, column_name="user_id", index=True)
    created_at = peewee.BigIntegerField()
    last_seen_at = peewee.BigIntegerField()
    expires_at = peewee.BigIntegerField()
    address = peewee.CharField(60)
    program = peewee.CharField(200)

    class Meta:
        """The table."""

        slice = "identity"
        table_name = "session"


class ApiToken(SliceModel):
    """A token another program calls with; only its hash is kept. `scope` is a JSON list of rights, or null for all."""

    id = peewee.BigAutoField()
    token_hash = peewee.CharField(64, unique=True)
    user = peewee.ForeignKeyField(User, column_name="user_id", index=True)
    name = peewee.CharField(100)
    scope = peewee.TextField(null=True)
    created_at = peewee.BigIntegerField()
    created_by = peewee.BigIntegerField()
    last_used_at = peewee.BigIntegerField(null=True)
    expires_at = peewee.BigIntegerField(null=True)
    revoked_at = peewee.BigIntegerField(null=True)

    class Meta:
        """The table."""

        slice = "identity"
        table_name = "api_token"


class LoginAttempt(SliceModel):
    """A try to log in, also under unknown names. `outcome`: ok, wrong, waiting, locked, unlocked."""

    id = peewee.BigAutoField()
    login_key = peewee.CharField(120)
    user = peewee.ForeignKeyField(User, null=True, column_name="user_id", index=False)
    at = peewee.BigIntegerField()
    address = peewee.CharField(60)
    outcome = peewee.CharField(16)

    class Meta:
        """The table; attempts are looked up by name and by address, newest first."""

        slice = "identity"
        table_name = "login_attempt"
        indexes = ((("login_key", "id"), False), (("address", "id"), False))


class Presence(SliceModel):
    """A window that has the book open, and what is being changed in it, as JSON; a row lapses by its time."""

    desk = peewee.CharField(36, primary_key=True)
    user_id = peewee.BigIntegerField()
    user_name = peewee.CharField(60)
    editing = peewee.TextField()
    seen_at = peewee.BigIntegerField()

    class Meta:
        """The table; nothing of it is kept when the book is copied."""

        slice = "identity"
        table_name = "presence"
        indexes = ((("seen_at",), False),)


class AuditLog(SliceModel):
    """What was changed by whom: rows are only ever added."""

    id = peewee.BigAutoField()
    at = peewee.BigIntegerField()
    user_id = peewee.BigIntegerField(null=True)
    user_name = peewee.CharField(60)
    action = peewee.CharField(100)
    object_type = peewee.CharField(60)
    object_id = peewee.CharField(100)
    before_value = peewee.TextField(null=True)
    after_value = peewee.TextField(null=True)
    result = peewee.CharField(100)
    duration_ms = peewee.BigIntegerField(null=True)
    address = peewee.CharField(60)

    class Meta:
        """The table; it is searched by person, object and time."""

        slice = "identity"
        table_name = "audit_log"
        indexes = ((("user_id", "id"), False), (("object_type", "object_id", "id"), False), (("at",), False))
