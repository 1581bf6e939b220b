-- Withdraw a call, unless somebody else has asked for the same one since.
-- KEYS  regions:call:<job>:asker, arq:job:<job>, the queue.   ARGV  asker, job
-- Returns 1, or 0 where it is another's. Its host ends it when it beats for it next.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('DEL', KEYS[1], KEYS[2])
return 1
