#!/bin/sh
# Reads the database password from a secret's file, which is in no image, no environment of compose and no process list.
set -eu
if [ -n "${ZHANGFANG_DB_PASSWORD_FILE:-}" ]; then
    ZHANGFANG_DB_PASSWORD="$(cat "$ZHANGFANG_DB_PASSWORD_FILE")"
    export ZHANGFANG_DB_PASSWORD
fi
exec "$@"
