"""Reading devices by SNMP: what devices have is data (`resources/families/`), how to read it is written here.

client -> columns -> reading (ports, sensors ... as values) -> samples. Only `client_*` knows a library.
"""
