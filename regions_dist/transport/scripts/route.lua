-- Move what waits in the outbox, and the retries that are due.   Returns how many were moved.
return route_all()
