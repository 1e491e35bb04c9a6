"""The long reliability trials of SECURITY's table, each with a control that must fail."""
