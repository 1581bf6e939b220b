-- Give a slot back, or wait for it no more, and wake whose turn it is.
-- ARGV  token, slots of the endpoint.   Returns the number of those woken.
leave(ARGV[1])
local free = tonumber(ARGV[2]) - redis.call('SCARD', key('held'))
if free <= 0 then return 0 end
local next = redis.call('ZRANGE', key('waiting'), 0, free - 1)
for _, token in ipairs(next) do
  redis.call('LPUSH', key('wake:' .. token), '1')
  redis.call('PEXPIRE', key('wake:' .. token), 60000)
end
return #next
