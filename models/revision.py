"""The revision of the tables that this program works with; loads no database layer."""

HEAD = "0010"
"""The newest revision of `models/migrations`; a test holds it against the files."""
