-- Beat for a call that is under way: without beats another host takes it.
-- KEYS  arq:in-progress:<job>, arq:job:<job>.   ARGV  lease in milliseconds (0 hands the call back)
-- Returns 1, or 0 where nobody wants the call any more.
-- A lease that has run out is taken anew, whoever else may have taken it: an answer that comes twice
-- is one answer.
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
if ARGV[1] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
return 1
