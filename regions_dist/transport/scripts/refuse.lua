-- Put away an entry of a run's stream that cannot be read: a dead letter, with the reason.
-- ARGV  name of the stream in the run, entry, reason.   Returns 1, or 0 where there is none.
if not status() then return 0 end
local entry = redis.call('XRANGE', key(ARGV[1]), ARGV[2], ARGV[2])[1]
if not entry then return 0 end
bury(ARGV[1], entry, ARGV[3])
return 1
