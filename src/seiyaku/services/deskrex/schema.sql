-- Deskrex: the service's own database (SQLite). Times are UTC, money is yen.
-- Links to a person that a kept row may lose are nullable; all others are not.

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    display_name TEXT,
    address TEXT,
    postal_code TEXT,
    email TEXT NOT NULL UNIQUE,
    birth_date DATE,
    gender TEXT,
    occupation TEXT,
    accepted_policy_version TEXT,
    created_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP
);

CREATE TABLE user_settings (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL
);
CREATE INDEX user_settings_user ON user_settings (user_id);

CREATE TABLE social_accounts (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    service TEXT NOT NULL,
    handle TEXT NOT NULL
);
CREATE INDEX social_accounts_user ON social_accounts (user_id);

CREATE TABLE integrations (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    service TEXT NOT NULL,
    external_id TEXT NOT NULL,
    scopes_json JSON NOT NULL,
    profile_json JSON,
    granted_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX integrations_user ON integrations (user_id);

CREATE TABLE transactions (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    detail_json JSON NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX transactions_user ON transactions (user_id);

CREATE TABLE purchases (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    plan TEXT NOT NULL,
    amount_yen INTEGER NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX purchases_user ON purchases (user_id);

CREATE TABLE bank_accounts (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    bank TEXT NOT NULL,
    branch TEXT NOT NULL,
    account_number TEXT NOT NULL
);
CREATE INDEX bank_accounts_user ON bank_accounts (user_id);

CREATE TABLE payment_methods (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    provider_token TEXT NOT NULL,
    last4 TEXT NOT NULL CHECK (length(last4) = 4)
);
CREATE INDEX payment_methods_user ON payment_methods (user_id);

CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    amount_yen INTEGER NOT NULL,
    status TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX payments_user ON payments (user_id);

CREATE TABLE online_identifiers (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    cookie_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('first_party', 'session')),
    seen_at TIMESTAMP NOT NULL
);
CREATE INDEX online_identifiers_user ON online_identifiers (user_id);

CREATE TABLE ad_identifiers (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    aaid TEXT,
    idfa TEXT,
    tracking_allowed BOOLEAN NOT NULL
);
CREATE INDEX ad_identifiers_user ON ad_identifiers (user_id);

CREATE TABLE device_infos (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    model TEXT NOT NULL,
    os TEXT NOT NULL,
    browser TEXT NOT NULL,
    language TEXT NOT NULL
);
CREATE INDEX device_infos_user ON device_infos (user_id);

CREATE TABLE browsing_events (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    url TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX browsing_events_user ON browsing_events (user_id);

CREATE TABLE access_logs (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    ip TEXT NOT NULL,
    referrer TEXT,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,
    accessed_at TIMESTAMP NOT NULL
);
CREATE INDEX access_logs_user ON access_logs (user_id);

CREATE TABLE consents (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    item TEXT,
    purpose TEXT,
    policy_version TEXT NOT NULL,
    granted_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP
);
CREATE INDEX consents_user ON consents (user_id);

CREATE TABLE location_points (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    lat REAL NOT NULL,
    lon REAL NOT NULL,
    at TIMESTAMP NOT NULL,
    consent_id INTEGER REFERENCES consents (id)
);
CREATE INDEX location_points_user ON location_points (user_id);
CREATE INDEX location_points_consent ON location_points (consent_id);

CREATE TABLE survey_responses (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    survey TEXT NOT NULL,
    answers_json JSON NOT NULL,
    at TIMESTAMP NOT NULL,
    consent_id INTEGER REFERENCES consents (id)
);
CREATE INDEX survey_responses_user ON survey_responses (user_id);
CREATE INDEX survey_responses_consent ON survey_responses (consent_id);

CREATE TABLE cessations (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    item TEXT,
    purpose TEXT,
    channel TEXT NOT NULL CHECK (channel IN ('settings', 'application')),
    requested_at TIMESTAMP NOT NULL,
    effective_at TIMESTAMP
);
CREATE INDEX cessations_user ON cessations (user_id);

CREATE TABLE inquiries (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    body TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX inquiries_user ON inquiries (user_id);

CREATE TABLE form_inputs (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    form TEXT NOT NULL,
    payload_json JSON NOT NULL,
    attachment_key TEXT UNIQUE,
    at TIMESTAMP NOT NULL
);
CREATE INDEX form_inputs_user ON form_inputs (user_id);

CREATE TABLE research_queries (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    prompt TEXT NOT NULL,
    answer TEXT,
    at TIMESTAMP NOT NULL
);
CREATE INDEX research_queries_user ON research_queries (user_id);

CREATE TABLE ai_calls (
    id INTEGER PRIMARY KEY,
    query_id INTEGER NOT NULL REFERENCES research_queries (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    masked_count INTEGER NOT NULL,
    payload_sha256 TEXT NOT NULL,
    optout_proof_id TEXT NOT NULL,
    response_id TEXT UNIQUE,
    at TIMESTAMP NOT NULL
);
CREATE INDEX ai_calls_query ON ai_calls (query_id);
CREATE INDEX ai_calls_user ON ai_calls (user_id);

CREATE TABLE user_contents (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    report_key TEXT UNIQUE,
    published_to TEXT
);
CREATE INDEX user_contents_user ON user_contents (user_id);

CREATE TABLE training_datasets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    source_tables TEXT NOT NULL,
    purpose TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE ad_partners (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL CHECK (length(country) = 2),
    optout_url TEXT,
    listed_since TIMESTAMP
);

CREATE TABLE ad_provisions (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    partner_id INTEGER NOT NULL REFERENCES ad_partners (id),
    fields_json JSON NOT NULL,
    sent_at TIMESTAMP NOT NULL
);
CREATE INDEX ad_provisions_user ON ad_provisions (user_id);

CREATE TABLE ad_page_views (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    page_id TEXT NOT NULL,
    ad_identifier_id INTEGER REFERENCES ad_identifiers (id),
    opened_at TIMESTAMP NOT NULL
);
CREATE INDEX ad_page_views_user ON ad_page_views (user_id);
CREATE INDEX ad_page_views_identifier ON ad_page_views (ad_identifier_id);

CREATE TABLE mail_sends (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    purpose TEXT NOT NULL,
    template TEXT NOT NULL,
    sent_at TIMESTAMP NOT NULL
);
CREATE INDEX mail_sends_user ON mail_sends (user_id);

CREATE TABLE violations (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    clause TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX violations_user ON violations (user_id);

CREATE TABLE policy_consents (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    policy_version TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'declined')),
    at TIMESTAMP NOT NULL
);
CREATE INDEX policy_consents_user ON policy_consents (user_id);

CREATE TABLE disclosure_fees (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    request_ref TEXT NOT NULL,
    amount_yen INTEGER NOT NULL,
    charged_at TIMESTAMP NOT NULL,
    paid_at TIMESTAMP,
    waived_by TEXT
);
CREATE INDEX disclosure_fees_user ON disclosure_fees (user_id);
