"""Redfish (DMTF DSP0266): a server's or a chassis' own management controller over HTTPS."""
