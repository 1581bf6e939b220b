-- Forget a run that has been archived: delete its keys.
-- ARGV  the run's field "finished", then 3 a key: type, name, number of its entries; as archived
-- Returns 1, or 0, having written nothing, for a run that is not final, has changed since it was
--         read, or is not there.
-- Guards: nothing is deleted that the archive lacks. What can still happen to a final run (mail from
--         outside, a step under way, a resume) adds an entry to a key or changes "finished".
local COUNT = {hash = 'HLEN', stream = 'XLEN', zset = 'ZCARD'}
local FINAL = {succeeded = true, failed = true, cancelled = true, timed_out = true}
if not FINAL[status()] or redis.call('HGET', KEYS[1], 'finished') ~= ARGV[1] then return 0 end
for i = 2, #ARGV, 3 do
  local kind, name, entries = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  if redis.call(COUNT[kind], key(name)) ~= entries then return 0 end
end
for i = 2, #ARGV, 3 do redis.call('UNLINK', key(ARGV[i + 1])) end
return 1
