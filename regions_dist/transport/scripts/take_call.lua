-- Take a call that waits, for one lease; beats keep it.
-- KEYS  arq:in-progress:<job>, the queue.   ARGV  job, lease in milliseconds
-- Returns its turn, or false where another host is at it or it has been answered.
local turn = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not turn or redis.call('EXISTS', KEYS[1]) == 1 then return false end
redis.call('SET', KEYS[1], '1', 'PX', ARGV[2])
return turn
