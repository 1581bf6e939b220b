-- Pause, resume, cancel a run, or let it time out.   ARGV  action.   Returns its status then.
local action, state = ARGV[1], status()
if not state then return '' end
local live = state == 'running' or state == 'paused'
if action == 'pause' and state == 'running' then
  set_status('paused')
elseif action == 'time_out' and live then
  set_status('timed_out', 'timed-out', 'the time for the run is up; it can be resumed')
elseif action == 'cancel' and state ~= 'succeeded' and state ~= 'cancelled' then
  set_status('cancelled')
elseif action == 'resume' and (state == 'paused' or state == 'timed_out' or state == 'failed') then
  set_status('running')
  local place = tonumber(redis.call('HGET', KEYS[1], 'place'))
  for chain = 1, tonumber(rule('chains:' .. place)) do
    if count('busy:' .. chain) > 0 then order(place, chain, count('next:' .. chain) - 1) end
  end
  route_all()
  advance_all()
end
return status()
