#!/bin/sh
# Runs once, when the volume of PostgreSQL is empty: a role and databases for the product and for Temporal, so that
# neither logs in as superuser. Without a password the superuser then enters by the container's own socket only.
set -eu
psql --username "$POSTGRES_USER" -v ON_ERROR_STOP=1 -v password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE triagem LOGIN PASSWORD :'password';
CREATE ROLE temporal LOGIN PASSWORD :'password';
CREATE DATABASE triagem OWNER triagem;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
-- Each role enters its own database only.
REVOKE CONNECT ON DATABASE triagem, temporal, temporal_visibility FROM PUBLIC;
\connect triagem
CREATE EXTENSION vector;
CREATE EXTENSION unaccent;
CREATE EXTENSION pg_trgm;
ALTER ROLE CURRENT_USER PASSWORD NULL;
SQL
