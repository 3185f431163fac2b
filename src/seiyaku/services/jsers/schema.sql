-- Jsers: database of the portal (SQLite). Times are UTC, money is yen.
-- Links to a person that a kept row may lose are nullable; all others are not.

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    birth_date DATE,
    address TEXT,
    phone TEXT,
    email TEXT NOT NULL UNIQUE,
    last_confirmed_at TIMESTAMP,
    email_stale BOOLEAN NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE services (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE registrations (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    service_id INTEGER NOT NULL REFERENCES services (id),
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX registrations_customer ON registrations (customer_id);

CREATE TABLE service_accounts (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    service_id INTEGER NOT NULL REFERENCES services (id),
    account_ref TEXT NOT NULL UNIQUE
);
CREATE INDEX service_accounts_customer ON service_accounts (customer_id);

CREATE TABLE bank_accounts (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    account_number TEXT NOT NULL,
    bank TEXT NOT NULL
);
CREATE INDEX bank_accounts_customer ON bank_accounts (customer_id);

CREATE TABLE cards (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    card_token TEXT NOT NULL,
    last4 TEXT NOT NULL CHECK (length(last4) = 4)
);
CREATE INDEX cards_customer ON cards (customer_id);

CREATE TABLE identity_documents (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    license_number TEXT,
    scan_key TEXT UNIQUE,
    received_at TIMESTAMP NOT NULL,
    checked_at TIMESTAMP,
    disposed_at TIMESTAMP
);
CREATE INDEX identity_documents_customer ON identity_documents (customer_id);

CREATE TABLE partners (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('information_provider', 'advertiser', 'ad_distributor'))
);

CREATE TABLE partner_transactions (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    partner_id INTEGER NOT NULL REFERENCES partners (id),
    record_json JSON,
    payment_json JSON,
    received_at TIMESTAMP NOT NULL
);
CREATE INDEX partner_transactions_customer ON partner_transactions (customer_id);

CREATE TABLE usage_records (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    service_id INTEGER NOT NULL REFERENCES services (id),
    action TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX usage_records_customer ON usage_records (customer_id);

CREATE TABLE invoices (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER REFERENCES customers (id),
    service_id INTEGER NOT NULL REFERENCES services (id),
    amount_yen INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    paid_at TIMESTAMP
);
CREATE INDEX invoices_customer ON invoices (customer_id);

CREATE TABLE inquiries (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    body TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX inquiries_customer ON inquiries (customer_id);

CREATE TABLE mail_sends (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    kind TEXT NOT NULL CHECK (kind IN ('promo', 'important')),
    sent_at TIMESTAMP NOT NULL
);
CREATE INDEX mail_sends_customer ON mail_sends (customer_id);

CREATE TABLE violations (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    reason TEXT NOT NULL,
    refused BOOLEAN NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX violations_customer ON violations (customer_id);

CREATE TABLE contractors (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL,
    purpose TEXT NOT NULL,
    criteria_passed BOOLEAN NOT NULL,
    review_due DATE,
    contract_ended_at TIMESTAMP,
    deletion_certificate TEXT
);

CREATE TABLE retention_schedule (
    id INTEGER PRIMARY KEY,
    item TEXT NOT NULL UNIQUE,
    period_days INTEGER,
    trigger_event TEXT,
    legal_basis TEXT
);

CREATE TABLE provision_consents (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    recipient TEXT NOT NULL,
    items_json JSON NOT NULL,
    purpose TEXT NOT NULL,
    presented_at TIMESTAMP NOT NULL,
    consented_at TIMESTAMP,
    text_sha256 TEXT NOT NULL
);
CREATE INDEX provision_consents_customer ON provision_consents (customer_id);

CREATE TABLE staff (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    trained_at TIMESTAMP
);
