-- Nicori: the service's own database (SQLite). Times are UTC, money is yen.
-- Links to a person that a kept row may lose are nullable; all others are not.

CREATE TABLE members (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    accepted_policy_version TEXT,
    registered_at TIMESTAMP NOT NULL
);

CREATE TABLE payment_methods (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    card_token TEXT NOT NULL,
    last4 TEXT NOT NULL CHECK (length(last4) = 4),
    brand TEXT,
    card_number TEXT
);
CREATE INDEX payment_methods_member ON payment_methods (member_id);

CREATE TABLE sellers (
    id INTEGER PRIMARY KEY,
    shop_name TEXT NOT NULL,
    contact_email TEXT NOT NULL UNIQUE
);

CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    seller_id INTEGER REFERENCES sellers (id),
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    price_yen INTEGER NOT NULL
);
CREATE INDEX products_seller ON products (seller_id);

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    member_id INTEGER REFERENCES members (id),
    seller_id INTEGER REFERENCES sellers (id),
    delivery_method TEXT,
    billing_amount INTEGER NOT NULL,
    status TEXT NOT NULL,
    seller_consent_at TIMESTAMP,
    ordered_at TIMESTAMP NOT NULL
);
CREATE INDEX orders_member ON orders (member_id);
CREATE INDEX orders_seller ON orders (seller_id);

CREATE TABLE order_items (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    product_id INTEGER REFERENCES products (id),
    kind TEXT NOT NULL,
    quantity INTEGER NOT NULL
);
CREATE INDEX order_items_order ON order_items (order_id);
CREATE INDEX order_items_product ON order_items (product_id);

CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    card_token TEXT,
    amount INTEGER NOT NULL,
    requested_at TIMESTAMP NOT NULL,
    paid_at TIMESTAMP
);
CREATE INDEX payments_order ON payments (order_id);

CREATE TABLE service_providers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL
);

CREATE TABLE shipments (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    provider_id INTEGER REFERENCES service_providers (id),
    tracking_no TEXT NOT NULL
);
CREATE INDEX shipments_order ON shipments (order_id);

CREATE TABLE provisions (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    seller_id INTEGER REFERENCES sellers (id),
    fields_json JSON NOT NULL,
    basis TEXT NOT NULL,
    sent_at TIMESTAMP NOT NULL
);
CREATE INDEX provisions_order ON provisions (order_id);
CREATE INDEX provisions_seller ON provisions (seller_id);

CREATE TABLE partners (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('information_provider', 'advertiser', 'ad_delivery'))
);

CREATE TABLE partner_records (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    partner_id INTEGER NOT NULL REFERENCES partners (id),
    transaction_json JSON,
    settlement_json JSON,
    received_at TIMESTAMP NOT NULL
);
CREATE INDEX partner_records_member ON partner_records (member_id);

CREATE TABLE browsing_events (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    source TEXT NOT NULL CHECK (source IN ('device', 'partner')),
    partner TEXT REFERENCES partners (name),
    service TEXT NOT NULL,
    url TEXT NOT NULL,
    entered_at TIMESTAMP NOT NULL,
    stay_seconds INTEGER NOT NULL,
    ip TEXT NOT NULL,
    cookie_id TEXT NOT NULL,
    CHECK ((source = 'partner') = (partner IS NOT NULL))
);
CREATE INDEX browsing_events_member ON browsing_events (member_id);

CREATE TABLE ad_views (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    ad_id TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX ad_views_member ON ad_views (member_id);

CREATE TABLE search_logs (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    keyword TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX search_logs_member ON search_logs (member_id);

CREATE TABLE device_profiles (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    terminal_id TEXT NOT NULL,
    software TEXT,
    network_state TEXT,
    settings_json JSON
);
CREATE INDEX device_profiles_member ON device_profiles (member_id);

CREATE TABLE location_points (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    lat REAL NOT NULL,
    lon REAL NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX location_points_member ON location_points (member_id);

CREATE TABLE feedback (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    body TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX feedback_member ON feedback (member_id);

CREATE TABLE survey_responses (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    answers_json JSON NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX survey_responses_member ON survey_responses (member_id);

CREATE TABLE marketing_consents (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    approved_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP
);
CREATE INDEX marketing_consents_member ON marketing_consents (member_id);

CREATE TABLE campaign_sends (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    campaign TEXT NOT NULL,
    sent_at TIMESTAMP NOT NULL
);
CREATE INDEX campaign_sends_member ON campaign_sends (member_id);

CREATE TABLE inquiries (
    id INTEGER PRIMARY KEY,
    member_id INTEGER REFERENCES members (id),
    email TEXT NOT NULL,
    body TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX inquiries_member ON inquiries (member_id);
CREATE INDEX inquiries_email ON inquiries (email);

CREATE TABLE id_proofs (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    kind TEXT NOT NULL CHECK (kind IN ('drivers_licence', 'insurance_card', 'other')),
    object_key TEXT UNIQUE,
    verified_at TIMESTAMP,
    disposed_at TIMESTAMP
);
CREATE INDEX id_proofs_member ON id_proofs (member_id);

CREATE TABLE staff (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    pledge_signed_at TIMESTAMP,
    pledge_file_hash TEXT,
    left_at TIMESTAMP
);

CREATE TABLE staff_grants (
    id INTEGER PRIMARY KEY,
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    purpose TEXT NOT NULL,
    expires_at TIMESTAMP
);
CREATE INDEX staff_grants_staff ON staff_grants (staff_id);

CREATE TABLE media_register (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL,
    place TEXT NOT NULL,
    staff_id INTEGER REFERENCES staff (id),
    contents TEXT NOT NULL,
    disposed_at TIMESTAMP
);
CREATE INDEX media_register_staff ON media_register (staff_id);
