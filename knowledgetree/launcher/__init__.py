"""``manage.py run``: its steps, the supervisor, and the local Neo4j."""
