"""What the services of the tests raise."""


class ServiceMissing(Exception):
    """A program that tests need cannot be had; the message says which one, why, and what to do."""
