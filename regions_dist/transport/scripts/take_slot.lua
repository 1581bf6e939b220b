-- Take a slot of an endpoint, or wait for one.
-- ARGV  token, lease in milliseconds, slots of the endpoint, turn
-- Returns 1 with a slot, 0 while others are first.
-- Guards: never more slots at a time than there are; lower turns first; who is not heard for a lease
--         has none and waits for none. A repeated call by the same token changes nothing.
local token, lease, slots = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
hear(token, lease, true)
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now))) do
  leave(dead)
end
if redis.call('SISMEMBER', key('held'), token) == 1 then return 1 end
redis.call('ZADD', key('waiting'), 'NX', ARGV[4], token)
if redis.call('ZRANK', key('waiting'), token) >= slots - redis.call('SCARD', key('held')) then
  return 0
end
redis.call('ZREM', key('waiting'), token)
redis.call('SADD', key('held'), token)
return 1
