-- Jsers: database of the lesson service (SQLite), with keys of its own. Times are UTC.

CREATE TABLE accounts (
    ref TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    phone TEXT,
    email TEXT NOT NULL,
    joined_at TIMESTAMP NOT NULL
);
CREATE INDEX accounts_email ON accounts (email);

CREATE TABLE bookings (
    id INTEGER PRIMARY KEY,
    account_ref TEXT NOT NULL REFERENCES accounts (ref),
    lesson TEXT NOT NULL,
    note TEXT,
    at TIMESTAMP NOT NULL
);
CREATE INDEX bookings_account ON bookings (account_ref);
