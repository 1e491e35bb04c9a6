"""Watchroom on one PostgreSQL for several seats: roles, rights, people, seats, the server's log, fingerprints."""
