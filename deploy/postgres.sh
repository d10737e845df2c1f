#!/bin/sh
# Run once by the postgres image, when its volume is new: the owner login, its database, and the one hole that only a
# superuser can close (tenants/README.md says which and why).
set -eu

psql --no-psqlrc --username postgres --set ON_ERROR_STOP=1 <<'SQL'
CREATE ROLE freehold LOGIN CREATEROLE;
CREATE DATABASE freehold OWNER freehold;
\connect freehold
REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO freehold;
SQL

# The server listens on its socket only, and that is in a volume which these two containers share. So the owner needs
# no password. The request login has one, derived from the master key. The superuser comes in from inside alone.
cat >"$PGDATA/pg_hba.conf" <<'HBA'
local all      postgres peer
local freehold freehold trust
local freehold all      scram-sha-256
HBA
