-- Record that a step failed and give its lease back.
-- ARGV  region, step, epoch, token, code, message, go_on ("1": its chain goes on without it)
-- Returns as commit.lua.
local region, step, epoch, token, code, message, go_on = unpack(ARGV)
local lease, chain = key('lease:' .. region), select(2, place_and_chain(step))
if redis.call('HEXISTS', key('done'), step) == 1 then return 'duplicate' end
if redis.call('HGET', key('fence'), region) ~= epoch
    or redis.call('HGET', lease, 'token') ~= token then
  return 'fenced'
end
redis.call('DEL', lease)
redis.call('XTRIM', key('orders:' .. region), 'MAXLEN', 0)
event('step', 'step', step, 'region', region, 'status', 'failed', 'code', code, 'message', message)
if go_on == '1' then
  redis.call('HSET', key('done'), step, 'failed')
  tally('busy:' .. chain, -1)
  advance_all()
elseif status() ~= 'cancelled' then
  set_status('failed', code, message, region .. '.' .. rule('step:' .. step .. ':method'))
end
return 'done'
