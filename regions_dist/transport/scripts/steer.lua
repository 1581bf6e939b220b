-- Pause, resume, cancel, close a run, or let it time out; any of them again changes nothing. To resume
-- a run that runs tells those who host its regions again what is to do. To close one lets it succeed if
-- it stands at its end, leaves it if it has failed, and else cancels it.
-- ARGV  action; for resume: deadline in microseconds from now or "", new inbox_limit or "",
--       new inbox_bytes or "", place or ""
-- Returns its status then, "" for no such run.
-- Guards: a resume that names a place changes nothing unless the run has stopped before that place,
--       so that two who let the same layer go do not let the next one go, too.
local action, deadline, limit, limit_bytes, before = unpack(ARGV)
local state = status()
if not state then return '' end

-- Orders are given anew, so that whoever missed them, or watches from here on, learns of them.
local function order_again()
  local place = tonumber(redis.call('HGET', KEYS[1], 'place'))
  for chain = 1, tonumber(rule('chains:' .. place)) do
    if count('busy:' .. chain) > 0 then order(place, chain, count('next:' .. chain) - 1) end
  end
end

local function go_on()
  local stopped = state == 'failed' or state == 'timed_out' or (state == 'paused' and before == '')
  if stopped then redis.call('HDEL', KEYS[1], 'deadline') end
  if deadline ~= '' then
    redis.call('HSET', KEYS[1], 'deadline', string.format('%.0f', tonumber(micros()) + deadline))
  end
  if limit ~= '' then redis.call('HSET', key('plan'), 'inbox_limit', limit) end
  if limit_bytes ~= '' then redis.call('HSET', key('plan'), 'inbox_bytes', limit_bytes) end
  if state ~= 'running' then set_status('running') end
  if leave_stop() then return end
  order_again()
  route_all()
  advance_all()
end

if action == 'pause' and state == 'running' then
  set_status('paused')
elseif action == 'time_out' and (state == 'running' or state == 'paused') then
  set_status('timed_out', 'timed-out', 'the time for the run is up; it can be resumed')
elseif action == 'cancel' and state ~= 'succeeded' and state ~= 'cancelled' then
  set_status('cancelled')
elseif action == 'close' and state == 'paused' and redis.call('HGET', KEYS[1], 'next') == rule('places') then
  leave_stop()
elseif action == 'close' and (state == 'running' or state == 'paused') then
  set_status('cancelled')
elseif action == 'resume' and state ~= 'succeeded' and state ~= 'cancelled' then
  if before == '' or redis.call('HGET', KEYS[1], 'next') == before then go_on() end
end
return status()
