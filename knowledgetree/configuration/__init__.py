"""The configuration of an installation: the environment overrides files, files override defaults.

An invalid value raises an error that names the setting. ``settings.py`` alone reads the values: those of the
environment, and those in the files ``.env`` and ``.flaskenv`` (variables) and ``services.json`` (the URLs of Codex and
Core) in the repository root, and ``knowledgetree.conf`` in the instance folder.
"""
