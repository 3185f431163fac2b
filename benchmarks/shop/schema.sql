-- A small shop: eleven tables, about 26 rows a customer. Tickets and the newsletter know a
-- customer by the e-mail address only.
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT,
    name_kana TEXT,
    phone TEXT,
    birth_date DATE,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE addresses (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    postal_code TEXT,
    prefecture TEXT,
    city TEXT,
    street TEXT,
    is_default BOOLEAN NOT NULL
);
CREATE INDEX addresses_customer ON addresses (customer_id);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    shipping_address_id INTEGER REFERENCES addresses (id),
    gift_message TEXT,
    total INTEGER NOT NULL,
    placed_at TIMESTAMP NOT NULL
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_address ON orders (shipping_address_id);
CREATE TABLE order_items (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    item_no INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL,
    PRIMARY KEY (order_id, item_no)
);
CREATE TABLE payment_cards (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    holder_name TEXT,
    last4 TEXT,
    billing_address_id INTEGER REFERENCES addresses (id)
);
CREATE INDEX cards_customer ON payment_cards (customer_id);
CREATE INDEX cards_address ON payment_cards (billing_address_id);
CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    card_id INTEGER REFERENCES payment_cards (id),
    amount INTEGER NOT NULL,
    paid_at TIMESTAMP NOT NULL
);
CREATE INDEX payments_order ON payments (order_id);
CREATE INDEX payments_card ON payments (card_id);
CREATE TABLE logins (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ip_address TEXT,
    user_agent TEXT,
    logged_in_at TIMESTAMP NOT NULL
);
CREATE INDEX logins_customer ON logins (customer_id);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    product_id INTEGER NOT NULL REFERENCES products (id),
    rating INTEGER NOT NULL,
    body TEXT,
    written_at TIMESTAMP NOT NULL
);
CREATE INDEX reviews_customer ON reviews (customer_id);
CREATE TABLE support_tickets (
    id INTEGER PRIMARY KEY,
    contact_email TEXT NOT NULL,
    subject TEXT,
    body TEXT,
    opened_at TIMESTAMP NOT NULL
);
CREATE INDEX tickets_email ON support_tickets (contact_email);
CREATE TABLE newsletter (email TEXT PRIMARY KEY, source TEXT, subscribed_at TIMESTAMP NOT NULL);
