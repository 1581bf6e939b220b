-- Take a step: the region's lease, its next epoch, and what the method works on.
-- ARGV  region, step, token, owner, dead (the "epoch:beats" of a lease watched until it died, or ""),
--       entry of the order, its method
-- Returns {"gone"} for a step that needs nobody now, {"held", "epoch:beats", owner} while another
--         holds the lease, else {"taken", epoch, state, answers, {entry, fields, …}, "1" where the
--         step may use recorded answers only}.
-- Guards: one owner a region; a repeated call by the same token gets the same epoch; only mail that
--         was delivered is handed out.
local region, step, token, owner, dead, order_entry, method = unpack(ARGV)
local lease = key('lease:' .. region)
if not status() then return {'gone'} end
if rule('step:' .. step .. ':region') ~= region or rule('step:' .. step .. ':method') ~= method then
  for _, entry in ipairs(redis.call('XRANGE', key('orders:' .. region), order_entry, order_entry)) do
    bury('orders:' .. region, entry, 'the plan has no such step for it')
  end
  return {'gone'}
end
if status() ~= 'running' or redis.call('HGET', key('open'), region) ~= step then return {'gone'} end
local holder = as_table(redis.call('HGETALL', lease))
local epoch = holder.epoch
if holder.token and holder.token ~= token then
  local seen = holder.epoch .. ':' .. holder.beats
  if seen ~= dead then return {'held', seen, holder.owner} end
end
if holder.token ~= token then
  epoch = redis.call('HINCRBY', key('fence'), region, 1)
  redis.call('HSET', lease, 'epoch', epoch, 'token', token, 'owner', owner, 'beats', 0,
    'since', micros())
  event('step', 'step', step, 'region', region, 'method', method, 'status', 'running', 'worker', owner, 'epoch', epoch)
end
local place, chain = place_and_chain(step)
local mail = {}
for _, entry in ipairs(redis.call('XRANGE', key('in:' .. region), '-', '+')) do
  local message = letter('in:' .. region, entry, 'delivered')
  local from, of = place_and_chain(message and message.id or step)
  if message and (from < place or of == chain or of == 0) then
    if message.body ~= '' then
      message.content = redis.call('HGET', key('bodies'), message.body)
    end
    mail[#mail + 1] = {entry[1], packed(message)}
  end
end
local version = redis.call('HGET', key('states'), region)
return {'taken', tostring(epoch), version and redis.call('HGET', key('versions'), version) or '',
  redis.call('HGETALL', key('answers:' .. step)), mail, rule('only_recorded') or ''}
