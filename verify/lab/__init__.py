"""The closed world in which claims run: a Docker host, a router and a client. It knows nothing of claims."""
