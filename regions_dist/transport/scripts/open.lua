-- Create a run and release its first layer; a run that exists is left as it is.
-- ARGV  number of plan fields n, then n names and values; then 4 a message from outside:
--       source, destination, role, content
-- Returns 1, or 0 for a run that exists.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local fields = tonumber(ARGV[1])
for i = 2, 2 * fields, 2 do
  redis.call('HSET', key('plan'), ARGV[i], ARGV[i + 1])
end
for i = 2 * fields + 2, #ARGV, 4 do
  redis.call('XADD', key('held'), '*', 'id', '', 'parent', '', 'hops', '0', 'source', ARGV[i],
    'destination', ARGV[i + 1], 'role', ARGV[i + 2], 'content', ARGV[i + 3])
end
redis.call('HSET', KEYS[1], 'status', 'running', 'started', micros())
event('run', 'status', 'running')
enter(0)
return 1
