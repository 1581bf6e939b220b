-- Tell the run's watchers how a step fares.
-- ARGV  region, step, epoch, token, status, message.   Returns 1, or 0 where the lease is lost.
if not owns(ARGV[1], ARGV[3], ARGV[4]) then return 0 end
event('step', 'step', ARGV[2], 'region', ARGV[1], 'status', ARGV[5], 'message', ARGV[6])
return 1
