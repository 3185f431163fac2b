-- Custom Cast: the service's own database (SQLite). Times are UTC, money is yen.
-- There is no table for what the camera sees: it is never kept.
-- Links to a person that a kept row may lose are nullable; all others are not.

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    birth_date DATE,
    phone TEXT,
    email TEXT NOT NULL UNIQUE,
    last_confirmed_at TIMESTAMP NOT NULL
);

CREATE TABLE bank_accounts (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    bank TEXT NOT NULL,
    account_number TEXT NOT NULL
);
CREATE INDEX bank_accounts_customer ON bank_accounts (customer_id);

CREATE TABLE external_links (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    service TEXT NOT NULL,
    external_id TEXT NOT NULL,
    permitted_json JSON NOT NULL,
    granted_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP,
    UNIQUE (service, external_id)
);
CREATE INDEX external_links_customer ON external_links (customer_id);

CREATE TABLE devices (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    device_id TEXT NOT NULL UNIQUE,
    os TEXT NOT NULL,
    cookie_id TEXT,
    truedepth_capable BOOLEAN NOT NULL
);
CREATE INDEX devices_customer ON devices (customer_id);

CREATE TABLE comm_logs (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ip TEXT NOT NULL,
    peer TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX comm_logs_customer ON comm_logs (customer_id);

CREATE TABLE view_history (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    page TEXT NOT NULL,
    ad_id TEXT,
    extra_json JSON,
    at TIMESTAMP NOT NULL
);
CREATE INDEX view_history_customer ON view_history (customer_id);

CREATE TABLE location_points (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    lat REAL NOT NULL,
    lon REAL NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX location_points_customer ON location_points (customer_id);

CREATE TABLE avatars (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    name TEXT NOT NULL,
    parameters_json JSON NOT NULL
);
CREATE INDEX avatars_customer ON avatars (customer_id);

CREATE TABLE uploads (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    object_key TEXT NOT NULL UNIQUE,
    at TIMESTAMP NOT NULL
);
CREATE INDEX uploads_customer ON uploads (customer_id);

CREATE TABLE content_uses (
    id INTEGER PRIMARY KEY,
    upload_id INTEGER NOT NULL REFERENCES uploads (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    used_in TEXT NOT NULL,
    used_at TIMESTAMP NOT NULL,
    notified_at TIMESTAMP
);
CREATE INDEX content_uses_customer ON content_uses (customer_id);
CREATE INDEX content_uses_upload ON content_uses (upload_id);

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER REFERENCES customers (id),
    item TEXT NOT NULL,
    amount_yen INTEGER NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX orders_customer ON orders (customer_id);

CREATE TABLE returns (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    reason TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX returns_order ON returns (order_id);

CREATE TABLE shipments (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    tracking_no TEXT NOT NULL,
    delivered_at TIMESTAMP
);
CREATE INDEX shipments_order ON shipments (order_id);

CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER REFERENCES customers (id),
    amount_yen INTEGER NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX payments_customer ON payments (customer_id);

CREATE TABLE giveaway_entries (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    giveaway TEXT NOT NULL,
    won BOOLEAN NOT NULL,
    prize TEXT,
    CHECK (won OR prize IS NULL)
);
CREATE INDEX giveaway_entries_customer ON giveaway_entries (customer_id);

CREATE TABLE feedback_sessions (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    invited_at TIMESTAMP NOT NULL,
    confirmed_at TIMESTAMP
);
CREATE INDEX feedback_sessions_customer ON feedback_sessions (customer_id);

CREATE TABLE rewards (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    session_id INTEGER NOT NULL REFERENCES feedback_sessions (id),
    amount_yen INTEGER NOT NULL,
    paid_at TIMESTAMP
);
CREATE INDEX rewards_customer ON rewards (customer_id);
CREATE INDEX rewards_session ON rewards (session_id);

CREATE TABLE questionnaires (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    answers_json JSON NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX questionnaires_customer ON questionnaires (customer_id);

CREATE TABLE inquiries (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    body TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX inquiries_customer ON inquiries (customer_id);

CREATE TABLE violations (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    reason TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX violations_customer ON violations (customer_id);

CREATE TABLE partner_companies (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('partner', 'joint_research', 'group', 'sponsor')),
    review_due DATE NOT NULL,
    address TEXT NOT NULL
);

CREATE TABLE joint_service_members (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    partner_id INTEGER NOT NULL REFERENCES partner_companies (id),
    needed_fields_json JSON NOT NULL,
    joined_at TIMESTAMP NOT NULL,
    UNIQUE (customer_id, partner_id)
);
CREATE INDEX joint_service_members_customer ON joint_service_members (customer_id);

CREATE TABLE provisions (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    partner_id INTEGER NOT NULL REFERENCES partner_companies (id),
    clause TEXT NOT NULL,
    means TEXT NOT NULL CHECK (means IN ('written', 'recorded', 'electromagnetic')),
    fields_json JSON NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX provisions_customer ON provisions (customer_id);
CREATE INDEX provisions_partner ON provisions (partner_id);

CREATE TABLE group_optouts (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    accepted_at TIMESTAMP NOT NULL,
    letter_ref TEXT NOT NULL
);
CREATE INDEX group_optouts_customer ON group_optouts (customer_id);

CREATE TABLE statistics_exports (
    id INTEGER PRIMARY KEY,
    partner_id INTEGER NOT NULL REFERENCES partner_companies (id),
    kind TEXT NOT NULL CHECK (kind IN ('statistics', 'joint_research')),
    min_group INTEGER,
    check_sha256 TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);

-- A letter is here before anyone knows whose it is.
CREATE TABLE postal_requests (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER REFERENCES customers (id),
    requester_name TEXT NOT NULL,
    requester_address TEXT NOT NULL,
    detail TEXT,
    delivery_wish TEXT,
    scan_key TEXT,
    proof_kind TEXT,
    proof_key TEXT,
    proxy_document_key TEXT,
    received_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP
);
CREATE INDEX postal_requests_customer ON postal_requests (customer_id);

CREATE TABLE applicants (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    resume_key TEXT NOT NULL UNIQUE,
    result TEXT,
    seminar_invited_at TIMESTAMP
);

CREATE TABLE employees (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    hired_at TIMESTAMP NOT NULL
);

CREATE TABLE stockholders (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    shares INTEGER NOT NULL CHECK (shares > 0)
);

CREATE TABLE prospects (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL
);
