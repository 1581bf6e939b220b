-- All effects of a step, or none, once.
-- ARGV  region, step, epoch, token, state, route ("1": route at once), number of consumed inbox
--       entries n, the n entries, number of warnings w, the w warnings, then 7 a posted message:
--       id, parent, source, destination, role, hops, content
-- Returns "duplicate", "cancelled", "fenced" or "inbox-full", having written nothing, else "done".
local region, step, epoch, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local lease, chain = key('lease:' .. region), select(2, place_and_chain(step))
if redis.call('HEXISTS', key('done'), step) == 1 then return 'duplicate' end
if status() == 'cancelled' then return 'cancelled' end
if redis.call('HGET', key('fence'), region) ~= epoch
    or redis.call('HGET', lease, 'token') ~= token then
  return 'fenced'
end
local consumed = tonumber(ARGV[7])
local warned = tonumber(ARGV[8 + consumed])
local first = 9 + consumed + warned
local posted, expected = {}, {}
for i = first, #ARGV, 7 do
  local to = ARGV[i + 3]
  expected[to] = (expected[to] or redis.call('XLEN', key('in:' .. to))) + 1
  if expected[to] > tonumber(rule('inbox_limit')) then return 'inbox-full' end
  posted[#posted + 1] = {id = ARGV[i], parent = ARGV[i + 1], source = ARGV[i + 2], destination = to,
    role = ARGV[i + 4], hops = ARGV[i + 5], content = ARGV[i + 6]}
end

for i = 8, 7 + consumed do redis.call('XDEL', key('in:' .. region), ARGV[i]) end
redis.call('HSET', key('states'), region, ARGV[5])
for _, message in ipairs(posted) do redis.call('XADD', key('out'), '*', unpack(packed(message))) end
redis.call('HSET', key('done'), step, epoch)
redis.call('DEL', lease, key('answers:' .. step))
redis.call('XTRIM', key('orders:' .. region), 'MAXLEN', 0)
tally('mail:' .. chain, #posted)
tally('unrouted', #posted)
tally('busy:' .. chain, -1)
for i = 9 + consumed, 8 + consumed + warned do
  event('step', 'step', step, 'region', region, 'status', 'warning', 'message', ARGV[i])
end
event('step', 'step', step, 'region', region, 'status', 'done')
if ARGV[6] ~= '1' or route_all() == 0 then advance_all() end
return 'done'
