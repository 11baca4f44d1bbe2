"""The tables of a log in a SQLite file, as `events.schema` describes them: a test holds the two equal.

Written out, since a first import would load SQLAlchemy and PostgreSQL's dialect for nothing but these lines.
"""

from __future__ import annotations

_TABLES = """\
CREATE TABLE cursors (owner TEXT NOT NULL, source TEXT NOT NULL, stream TEXT NOT NULL, cursor TEXT NOT NULL, PRIMARY
    KEY (owner, source, stream));
CREATE TABLE deliveries (owner TEXT NOT NULL, period TEXT NOT NULL, way TEXT NOT NULL, state TEXT NOT NULL, attempts
    BIGINT NOT NULL, at_ms BIGINT NOT NULL, error TEXT NOT NULL, PRIMARY KEY (owner, period, way));
CREATE TABLE events (owner TEXT NOT NULL, position BIGINT NOT NULL, stream BLOB NOT NULL, revision BIGINT NOT NULL,
    type TEXT NOT NULL, happened_ms BIGINT NOT NULL, recorded_ms BIGINT NOT NULL, payload TEXT NOT NULL, hash BLOB NOT
    NULL, PRIMARY KEY (owner, position));
CREATE UNIQUE INDEX events_stream ON events (owner, stream, revision);
CREATE TABLE heads (owner TEXT NOT NULL, position BIGINT NOT NULL, hash BLOB NOT NULL, recorded_ms BIGINT NOT NULL,
    PRIMARY KEY (owner));
CREATE TABLE jobs (owner TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, turn BIGINT NOT
    NULL, attempts BIGINT NOT NULL, failures BIGINT NOT NULL, holder TEXT NOT NULL, until_ms BIGINT NOT NULL, sent_ms
    BIGINT NOT NULL, hint_ms BIGINT NOT NULL, started_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL, due_ms BIGINT NOT
    NULL, error TEXT NOT NULL, PRIMARY KEY (owner, kind, name));
CREATE UNIQUE INDEX jobs_id ON jobs (owner, id);
CREATE TABLE leases (owner TEXT NOT NULL, source TEXT NOT NULL, stream TEXT NOT NULL, token BIGINT NOT NULL, holder
    TEXT NOT NULL, until_ms BIGINT NOT NULL, PRIMARY KEY (owner, source, stream));
CREATE TABLE subscriptions (owner TEXT NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, remote
    TEXT NOT NULL, proof TEXT NOT NULL, place TEXT NOT NULL, expires_ms BIGINT NOT NULL, renew_ms BIGINT NOT NULL,
    heard_ms BIGINT NOT NULL, state TEXT NOT NULL, error TEXT NOT NULL, PRIMARY KEY (owner, source, name));
CREATE TABLE sync_accounts (owner TEXT NOT NULL, source TEXT NOT NULL, state TEXT NOT NULL, error TEXT NOT NULL,
    not_before_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL, PRIMARY KEY (owner, source));
CREATE TABLE sync_items (owner TEXT NOT NULL, source TEXT NOT NULL, stream TEXT NOT NULL, item TEXT NOT NULL, version
    TEXT NOT NULL, run BIGINT NOT NULL, gone SMALLINT NOT NULL, place TEXT NOT NULL, why TEXT NOT NULL, reader BIGINT
    NOT NULL, PRIMARY KEY (owner, source, stream, item));
CREATE TABLE sync_streams (owner TEXT NOT NULL, source TEXT NOT NULL, stream TEXT NOT NULL, title TEXT NOT NULL, kind
    TEXT NOT NULL, cursor TEXT, page TEXT NOT NULL, run BIGINT NOT NULL, completed_ms BIGINT NOT NULL, state TEXT NOT
    NULL, error TEXT NOT NULL, warning TEXT NOT NULL, doubted SMALLINT NOT NULL, PRIMARY KEY (owner, source, stream));
CREATE TABLE sync_things (owner TEXT NOT NULL, source TEXT NOT NULL, stream TEXT NOT NULL, item TEXT NOT NULL, thing
    BLOB NOT NULL, content BIGINT NOT NULL, stored BIGINT NOT NULL, dropped SMALLINT NOT NULL, PRIMARY KEY (owner,
    source, stream, item, thing));
CREATE INDEX sync_things_dropped ON sync_things (owner, source) WHERE dropped = 1;
CREATE INDEX sync_things_thing ON sync_things (owner, source, thing);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
"""
TABLES = tuple(filter(None, (one.strip() for one in _TABLES.split(";"))))
