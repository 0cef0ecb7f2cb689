"""The JSON routes of the old application, for its clients: addresses, keys and errors are as they were there."""
