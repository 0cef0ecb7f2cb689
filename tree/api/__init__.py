"""The JSON routes: ``legacy``, those of the old application, and ``v1``, the API v1; neither knows the other.

What both share lies here, above all ``compliance``: what leaves the tree for programs.
"""
