"""Calls to resources of other machines: jobs of arq, with a lease while they are under way.

They stand in this room, not beside the resources, for they are made of what it alone has: keys,
scripts, heartbeats, and patience with a broker that is away.
"""
