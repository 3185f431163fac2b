-- CLOSM i: the service's own database (SQLite). Times are UTC, money is yen.
-- Links to a person that a kept row may lose are nullable; all others are not.

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    auth0_sub TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    email_source TEXT NOT NULL CHECK (email_source IN ('person', 'auth0')),
    username TEXT NOT NULL UNIQUE,
    nickname TEXT NOT NULL,
    avatar_key TEXT,
    age_attested_13plus_at TIMESTAMP,
    accepted_policy_version TEXT,
    created_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    frozen_at TIMESTAMP
);

CREATE TABLE user_profiles (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL UNIQUE REFERENCES users (id),
    bio TEXT,
    colors_json JSON
);

CREATE TABLE social_identities (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    provider TEXT NOT NULL,
    provider_uid TEXT NOT NULL,
    profile_json JSON,
    UNIQUE (provider, provider_uid)
);
CREATE INDEX social_identities_user ON social_identities (user_id);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL,
    cookie_id TEXT NOT NULL,
    ip TEXT NOT NULL,
    user_agent TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    deleted_at TIMESTAMP
);
CREATE INDEX posts_user ON posts (user_id);

CREATE TABLE media_objects (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    post_id INTEGER REFERENCES posts (id),
    kind TEXT NOT NULL CHECK (kind IN ('avatar', 'post')),
    object_key TEXT NOT NULL UNIQUE,
    cloudflare_image_id TEXT
);
CREATE INDEX media_objects_user ON media_objects (user_id);
CREATE INDEX media_objects_post ON media_objects (post_id);

CREATE TABLE favorites (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    post_id INTEGER NOT NULL REFERENCES posts (id),
    created_at TIMESTAMP NOT NULL,
    UNIQUE (user_id, post_id)
);
CREATE INDEX favorites_post ON favorites (post_id);

CREATE TABLE follows (
    id INTEGER PRIMARY KEY,
    follower_id INTEGER NOT NULL REFERENCES users (id),
    followee_id INTEGER NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    UNIQUE (follower_id, followee_id)
);
CREATE INDEX follows_followee ON follows (followee_id);

CREATE TABLE usage_events (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    client_id TEXT NOT NULL,
    event TEXT NOT NULL,
    path TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX usage_events_user ON usage_events (user_id);

CREATE TABLE access_logs (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    ip TEXT NOT NULL,
    user_agent TEXT,
    path TEXT NOT NULL,
    accessed_at TIMESTAMP NOT NULL
);
CREATE INDEX access_logs_user ON access_logs (user_id);

CREATE TABLE plans (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    price_yen INTEGER NOT NULL
);

CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    plan_id INTEGER NOT NULL REFERENCES plans (id),
    stripe_customer_id TEXT NOT NULL,
    stripe_subscription_id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX subscriptions_user ON subscriptions (user_id);

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    status TEXT NOT NULL,
    total_yen INTEGER NOT NULL,
    ordered_at TIMESTAMP NOT NULL,
    printful_order_id TEXT,
    legal_hold_until DATE
);
CREATE INDEX orders_user ON orders (user_id);

CREATE TABLE order_items (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    price_yen INTEGER NOT NULL
);
CREATE INDEX order_items_order ON order_items (order_id);

CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    order_id INTEGER REFERENCES orders (id),
    subscription_id INTEGER REFERENCES subscriptions (id),
    stripe_payment_intent_id TEXT NOT NULL UNIQUE,
    amount_yen INTEGER NOT NULL,
    status TEXT NOT NULL,
    paid_at TIMESTAMP NOT NULL,
    meta_json JSON
);
CREATE INDEX payments_user ON payments (user_id);
CREATE INDEX payments_order ON payments (order_id);
CREATE INDEX payments_subscription ON payments (subscription_id);

CREATE TABLE shipping_addresses (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    name TEXT NOT NULL,
    postal_code TEXT,
    address TEXT,
    phone TEXT,
    email TEXT
);
CREATE INDEX shipping_addresses_order ON shipping_addresses (order_id);

CREATE TABLE shipments (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    carrier TEXT NOT NULL,
    tracking_no TEXT NOT NULL,
    delivered_at TIMESTAMP
);
CREATE INDEX shipments_order ON shipments (order_id);

CREATE TABLE wallets (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    address TEXT NOT NULL UNIQUE,
    linked_at TIMESTAMP NOT NULL
);
CREATE INDEX wallets_user ON wallets (user_id);

CREATE TABLE nft_acknowledgements (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    policy_version TEXT NOT NULL,
    acknowledged_at TIMESTAMP NOT NULL
);
CREATE INDEX nft_acknowledgements_user ON nft_acknowledgements (user_id);

CREATE TABLE nft_mints (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    post_id INTEGER REFERENCES posts (id),
    acknowledgement_id INTEGER REFERENCES nft_acknowledgements (id),
    chain TEXT NOT NULL,
    contract TEXT NOT NULL,
    token_id TEXT NOT NULL,
    wallet_address TEXT NOT NULL,
    tx_hash TEXT NOT NULL,
    metadata_json JSON,
    minted_at TIMESTAMP NOT NULL,
    UNIQUE (chain, contract, token_id)
);
CREATE INDEX nft_mints_user ON nft_mints (user_id);
CREATE INDEX nft_mints_post ON nft_mints (post_id);
CREATE INDEX nft_mints_acknowledgement ON nft_mints (acknowledgement_id);

-- A mirror of the chain: rows belong to people only by the value of an address.
CREATE TABLE nft_transfers (
    id INTEGER PRIMARY KEY,
    tx_hash TEXT NOT NULL,
    from_address TEXT,
    to_address TEXT,
    token_id TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX nft_transfers_from ON nft_transfers (from_address);
CREATE INDEX nft_transfers_to ON nft_transfers (to_address);

-- Whoever writes without signing in is found by the e-mail address only.
CREATE TABLE inquiries (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    email TEXT NOT NULL,
    channel TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at TIMESTAMP NOT NULL
);
CREATE INDEX inquiries_user ON inquiries (user_id);
CREATE INDEX inquiries_email ON inquiries (email);

CREATE TABLE moderation_cases (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    reason TEXT NOT NULL,
    decision TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX moderation_cases_user ON moderation_cases (user_id);
