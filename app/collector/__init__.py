"""The collector: a process of its own that asks the devices, judges the answers and stores them."""
