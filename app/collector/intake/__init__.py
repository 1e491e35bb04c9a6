"""Intake: what devices and other monitors send of their own accord, from the wire to the device log (issue A2, B3)."""
