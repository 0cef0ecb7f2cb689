"""The tools, each a function with the parameters that its input schema is made of. Their results are in ``results``."""
