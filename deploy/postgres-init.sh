#!/bin/sh
# Run once by the image of PostgreSQL on an empty volume: a role that row-level security binds, and its database.
# The password is the one in database-url: postgresql+psycopg://amity:PASSWORD@database/amity
set -eu
password=$(sed -n 's#.*://[^:]*:\([^@]*\)@.*#\1#p' /run/secrets/database-url)
psql --username postgres --set=ON_ERROR_STOP=1 --set=password="$password" <<'SQL'
CREATE ROLE amity LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE amity OWNER amity;
SQL
