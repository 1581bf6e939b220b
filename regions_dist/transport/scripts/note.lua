-- Tell the run's watchers how a step fares.   ARGV  region, step, status, message.   Returns 1.
event('step', 'step', ARGV[2], 'region', ARGV[1], 'status', ARGV[3], 'message', ARGV[4])
return 1
