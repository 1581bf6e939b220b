-- Beat for a slot that is held ("1") or waited for ("0").
-- ARGV  token, lease in milliseconds, "1" or "0".   Returns 1, or 0 where it is neither any more.
if not hear(ARGV[1], tonumber(ARGV[2]), false) then return 0 end
if ARGV[3] == '1' then redis.call('SADD', key('held'), ARGV[1]) end
return 1
