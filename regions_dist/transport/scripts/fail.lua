-- Record that a step failed and give its lease back.
-- ARGV  region, step, epoch, token, code, message, go_on ("1": its chain goes on without it)
-- Returns "gone", "duplicate" or "fenced", having written nothing, else "done".
local region, step, epoch, token, code, message, go_on = unpack(ARGV)
if not status() then return 'gone' end
if redis.call('HEXISTS', key('done'), step) == 1 then return 'duplicate' end
if not owns(region, epoch, token) then return 'fenced' end
close(region)
event('step', 'step', step, 'region', region, 'status', 'failed', 'code', code, 'message', message)
if go_on == '1' then
  redis.call('HSET', key('done'), step, 'failed')
  tally('busy:' .. select(2, place_and_chain(step)), -1)
  advance_all()
elseif status() ~= 'cancelled' then
  set_status('failed', code, message, region .. '.' .. rule('step:' .. step .. ':method'))
end
return 'done'
