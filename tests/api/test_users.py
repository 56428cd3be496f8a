"""People over HTTP: the calls example programs make, and the administration of users, roles and departments."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.calling import Caller, add_person, add_role, give_owner_login


def test_the_example_calls_answer_as_promised(window: Caller) -> None:
    added = window.post("/api/users", {"name": "张三", "age": 30})
    assert added.status == 201
    assert added.json["message"] == "用户已添加"
    assert (added.json["user"]["name"], added.json["user"]["age"]) == ("张三", 30)
    listed = window.get("/api/users").json["users"]
    assert [(u["name"], u["age"]) for u in listed] == [("掌柜", None), ("张三", 30)]


@pytest.mark.parametrize("body", [{"name": "张三"}, {"age": 30}, {}, None])
def test_a_missing_field_is_named_in_the_promised_words(window: Caller, body: dict[str, Any] | None) -> None:
    answer = window.post("/api/users", body)
    assert (answer.status, answer.json["error"]) == (400, "缺少必要的字段")
    assert set(answer.json["fields"]) == {"name", "age"} - set(body or {})


def test_the_bare_paths_answer_as_promised(window: Caller) -> None:
    answer = window.post("/users", {"name": "Wang", "email": "wang@example.com"})
    assert (answer.status, answer.json) == (201, {"message": "User created successfully"})
    listed = window.get("/users").json
    assert [(u["name"], u["email"]) for u in listed] == [("掌柜", None), ("Wang", "wang@example.com")]
    assert window.post("/users", {"name": "Wang"}).status == 400


def test_people_of_one_name_are_different_people(window: Caller) -> None:
    ids = {window.post("/api/users", {"name": "李四", "age": 20}).json["user"]["id"] for _ in range(2)}
    assert len(ids) == 2


def test_text_is_kept_as_typed(window: Caller) -> None:
    name = '<b>赵 & "钱" 𠮷</b>'
    user = window.post("/api/users", {"name": name, "age": 1}).json["user"]
    assert window.get(f"/api/users/{user['id']}").json["name"] == name


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "age": 1}, "name"),
        ({"name": " \u3000 ", "age": 1}, "name"),
        ({"name": 5, "age": 1}, "name"),
        ({"name": "a" * 61, "age": 1}, "name"),
        ({"name": "a", "age": "30"}, "age"),
        ({"name": "a", "age": -1}, "age"),
        ({"name": "a", "age": 151}, "age"),
        ({"name": "a", "age": 1.5}, "age"),
        ({"name": "a", "age": True}, "age"),
        ({"name": "a", "age": 1, "email": "no address"}, "email"),
        ({"name": "a", "age": 1, "login_name": "with space"}, "login_name"),
        ({"name": "a", "age": 1, "password": "long enough"}, "login_name"),
        ({"name": "a", "age": 1, "login_name": "a", "password": "short"}, "password"),
        ({"name": "a", "age": 1, "roles": [99]}, "roles"),
        ({"name": "a", "age": 1, "department_id": 99}, "department_id"),
        ({"name": "a", "age": 1, "is_owner": True}, "is_owner"),
    ],
)
def test_a_wrong_field_is_named(local_window: Caller, body: dict[str, Any], field: str) -> None:
    answer = local_window.post("/api/users", body)
    assert answer.status == 400
    assert field in answer.json["fields"]
    assert len(local_window.get("/api/users").json["users"]) == 1


def test_a_change_keeps_what_it_leaves_out_and_refuses_an_old_version(window: Caller) -> None:
    user = window.post("/api/users", {"name": "张三", "age": 30, "email": "z@example.com"}).json["user"]
    changed = window.patch(f"/api/users/{user['id']}", {"age": 31, "version": user["version"]})
    assert changed.status == 200
    assert (changed.json["age"], changed.json["name"], changed.json["email"]) == (31, "张三", "z@example.com")
    stale = window.patch(f"/api/users/{user['id']}", {"age": 40, "version": user["version"]})
    assert (stale.status, stale.code) == (409, "stale_version")
    assert "掌柜" in stale.json["error"]
    assert window.get(f"/api/users/{user['id']}").json["age"] == 31
    emptied = window.patch(f"/api/users/{user['id']}", {"email": None})
    assert emptied.json["email"] is None


def test_lists_are_paged_and_searched(window: Caller) -> None:
    for number in range(5):
        window.post("/api/users", {"name": f"员工{number}_%", "age": number})
    first = window.get("/api/users?limit=4").json
    second = window.get(f"/api/users?limit=4&cursor={first['next']}").json
    assert [u["name"] for u in first["users"] + second["users"]] == ["掌柜", *(f"员工{n}_%" for n in range(5))]
    assert second["next"] is None
    assert [u["age"] for u in window.get("/api/users?q=3_%25").json["users"]] == [3]
    assert window.get("/api/users?q=%25%25").json["users"] == []


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "WzFd.", "bnVsbA", "WzE4NDQ2NzQ0MDczNzA5NTUxNjE1XQ"])
def test_a_made_up_cursor_is_refused(local_window: Caller, cursor: str) -> None:
    answer = local_window.get(f"/api/users?cursor={cursor}")
    assert (answer.status, answer.code) == (400, "cursor_malformed")


def test_roles_give_rights_and_are_protected_while_in_use(window: Caller) -> None:
    give_owner_login(window)
    role = add_role(window, "记账员", ["ledger:voucher:view", "ledger:voucher:add"])
    user = add_person(window, "liu", [role])
    boss = window.log_in("boss", "owner-secret-1")
    in_use = boss.delete(f"/api/roles/{role}")
    assert (in_use.status, in_use.code, in_use.json["details"]) == (422, "role_in_use", {"users": 1})
    assert boss.patch(f"/api/users/{user['id']}", {"roles": []}).json["roles"] == []
    assert boss.delete(f"/api/roles/{role}").status == 204
    assert boss.patch(f"/api/roles/{role}", {"name": "x"}).status == 404
    rights = boss.get("/api/permissions", headers={"Accept-Language": "en"}).json["permissions"]
    assert rights[1] == {
        "code": "ledger:voucher:add",
        "name": "Make vouchers",
        "slice_name": "Accounting",
        "thing_name": "Vouchers",
        "keep_apart": True,
    }
    assert [role["built_in"] for role in boss.get("/api/roles").json["roles"]] == [True] * 4


def test_who_may_not_look_at_roles_knows_what_his_own_rights_are_called(window: Caller) -> None:
    give_owner_login(window)
    boss = window.log_in("boss", "owner-secret-1")
    role = add_role(boss, "记账员", ["ledger:voucher:view", "identity:token:add"])
    add_person(boss, "liu", [role])
    add_person(boss, "wu")
    liu, wu = (window.log_in(name, f"{name}-secret") for name in ("liu", "wu"))
    named = [(right["code"], right["name"]) for right in liu.get("/api/permissions").json["permissions"]]
    assert named == [("ledger:voucher:view", "查看凭证"), ("identity:token:add", "新建接口令牌")]
    assert wu.get("/api/permissions").json["permissions"] == []
    assert liu.get("/api/roles").status == 403


def test_departments_are_a_tree_in_which_nothing_is_left_hanging(window: Caller) -> None:
    top = window.post("/api/departments", {"name": "总部"}).json["id"]
    below = window.post("/api/departments", {"name": "财务部", "parent_id": top}).json["id"]
    deeper = window.post("/api/departments", {"name": "出纳", "parent_id": below}).json["id"]
    window.post("/api/users", {"name": "周", "age": 40, "department_id": below})
    listed = window.get("/api/departments").json["departments"]
    assert [(d["name"], d["parent_id"], d["users"]) for d in listed] == [
        ("总部", None, 0),
        ("财务部", top, 1),
        ("出纳", below, 0),
    ]
    used = window.delete(f"/api/departments/{below}")
    assert (used.status, used.json["details"]) == (422, {"children": 1, "users": 1})
    assert "1 个下级部门和 1 人" in used.json["error"]
    circle = window.patch(f"/api/departments/{top}", {"parent_id": deeper})
    assert (circle.status, circle.code) == (400, "parent_below")
    twice = window.post("/api/departments", {"name": "财务部", "parent_id": top})
    assert (twice.status, twice.code) == (409, "name_taken")
    assert window.delete(f"/api/departments/{deeper}").status == 204
    moved = window.patch(f"/api/departments/{below}", {"parent_id": None})
    assert moved.json["parent_id"] is None


def test_the_log_tells_who_changed_what_from_what_to_what(window: Caller) -> None:
    user = window.post("/api/users", {"name": "张三", "age": 30}).json["user"]
    window.patch(f"/api/users/{user['id']}", {"age": 31})
    window.patch(f"/api/users/{user['id'] + 100}", {"age": 31})
    entries = window.get(f"/api/audit?object_type=user&object_id={user['id']}").json["entries"]
    assert [(e["action"], e["result"], e["user_name"]) for e in entries] == [
        ("identity:user:edit", "done", "掌柜"),
        ("identity:user:add", "done", "掌柜"),
    ]
    assert (entries[0]["before"]["age"], entries[0]["after"]["age"]) == (30, 31)
    assert entries[0]["duration_ms"] is not None
    newest = window.get("/api/audit?limit=1").json["entries"][0]
    assert (newest["action"], newest["result"], newest["object_id"]) == (
        "identity:user:edit",
        "not_found",
        str(user["id"] + 100),
    )


def test_tokens_act_for_other_programs_until_revoked(window: Caller) -> None:
    made = window.post("/api/tokens", {"name": "脚本", "scope": ["identity:user:view"]})
    assert made.status == 201
    listed = window.get("/api/tokens").json["tokens"]
    assert [(t["id"], t["scope"], t["last_used_at"]) for t in listed] == [
        (made.json["id"], ["identity:user:view"], None)
    ]
    assert made.json["token"] not in str(listed)
    assert window.delete(f"/api/tokens/{made.json['id']}").status == 204
    assert window.delete(f"/api/tokens/{made.json['id']}").code == "token_revoked"


def test_the_repeated_request_for_a_token_does_not_show_it_again(window: Caller) -> None:
    body = {"name": "x", "request_id": str(uuid.uuid4())}
    assert window.post("/api/tokens", body).status == 201
    again = window.post("/api/tokens", body)
    assert (again.status, again.code) == (409, "answer_shown_once")
    assert len(window.get("/api/tokens").json["tokens"]) == 1
