"""CLOSM i with everybody outside at once: vendors, partners, holders, a chain, a bucket, mail."""
