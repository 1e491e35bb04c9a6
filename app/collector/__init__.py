"""The collector: a process of its own that asks the devices, judges what they answer and stores it once a second."""
