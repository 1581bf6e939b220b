-- Tend a run: move what waits in the outbox and the retries that are due, and end its time.
-- Returns microseconds until it should be tended again; -1 where it need not be on account of time.
if not status() then return -1 end
local deadline = redis.call('HGET', KEYS[1], 'deadline')
local live = status() == 'running' or status() == 'paused'
if live and deadline and tonumber(micros()) >= tonumber(deadline) then
  set_status('timed_out', 'timed-out', 'the time for the run is up; it can be resumed')
end
route_all()
local next_at = redis.call('ZRANGE', key('retry'), 0, 0, 'WITHSCORES')[2]
local due = math.min(next_at and tonumber(next_at) or math.huge,
  live and deadline and tonumber(deadline) or math.huge)
return due == math.huge and -1 or math.max(0, math.ceil(due - tonumber(micros())))
