"""Bodies as mail clients, servers and monitoring systems write them, made from templates with a seed."""
