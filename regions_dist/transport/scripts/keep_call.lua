-- Beat for a call that is under way: without beats another host takes it.
-- KEYS  arq:in-progress:<job>, arq:job:<job>.   ARGV  lease in milliseconds (0 hands the call back)
-- Returns 1, or 0 where nobody wants the call any more.
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.call('EXISTS', KEYS[2])
