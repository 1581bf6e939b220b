-- Keep what a model answered in a step, for later tries of it and for runs that branch off.
-- ARGV  region, step, epoch, token, name of the answer, the answer ("" forgets it)
-- Returns 1, or 0, having written nothing, where the lease is lost.
local region, step, epoch, token, name, answer = unpack(ARGV)
if not owns(region, epoch, token) then return 0 end
if answer == '' then
  redis.call('HDEL', key('answers:' .. step), name)
else
  redis.call('HSET', key('answers:' .. step), name, answer)
end
return 1
