"""The processes of a cluster: one thin module a role."""
