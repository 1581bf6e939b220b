-- Take a step: the region's lease, its next epoch, and what the method works on.
-- ARGV  region, step, token, owner, dead (the "epoch:beats" of a lease watched until it died, or "")
-- Returns {"gone"} for a step that needs nobody, {"held", "epoch:beats", owner} while another holds
--         the lease, else {"taken", epoch, state, answers, {entry, fields, …}}.
-- Guards: one owner a region; a repeated call by the same token gets the same epoch.
local region, step, token, owner, dead = unpack(ARGV)
local lease = key('lease:' .. region)
local state = status()
local open = redis.call('XRANGE', key('orders:' .. region), '-', '+')
if not (state == 'running' or state == 'paused') or #open == 0
    or as_table(open[1][2]).step ~= step then
  return {'gone'}
end
local holder = as_table(redis.call('HGETALL', lease))
local epoch = holder.epoch
if holder.token and holder.token ~= token then
  local seen = holder.epoch .. ':' .. holder.beats
  if seen ~= dead then return {'held', seen, holder.owner} end
end
if holder.token ~= token then
  epoch = redis.call('HINCRBY', key('fence'), region, 1)
  redis.call('HSET', lease, 'epoch', epoch, 'token', token, 'owner', owner, 'beats', 0)
  event('step', 'step', step, 'region', region, 'method', as_table(open[1][2]).method,
    'status', 'running', 'worker', owner)
end
local place, chain = place_and_chain(step)
local mail = {}
for _, entry in ipairs(redis.call('XRANGE', key('in:' .. region), '-', '+')) do
  local from, of = place_and_chain(as_table(entry[2]).id)
  if from < place or of == chain or of == 0 then mail[#mail + 1] = entry end
end
return {'taken', tostring(epoch), redis.call('HGET', key('states'), region) or '',
  redis.call('HGETALL', key('answers:' .. step)), mail}
