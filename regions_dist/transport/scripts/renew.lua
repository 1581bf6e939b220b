-- Beat for a lease.   ARGV  region, token.
-- Returns 1, or 0 where the lease is not ours any more: it is another's, or the run is cancelled or
-- unknown to the broker.
local lease = key('lease:' .. ARGV[1])
if not status() or status() == 'cancelled' then return 0 end
if redis.call('HGET', lease, 'token') ~= ARGV[2] then return 0 end
redis.call('HINCRBY', lease, 'beats', 1)
return 1
