"""Every door gives the answers of the definition; see `test_every_door.py`."""
