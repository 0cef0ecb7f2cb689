"""The operations of the API v1, one module for each thing."""
