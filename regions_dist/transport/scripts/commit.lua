-- All effects of a step, or none, once.
-- ARGV  region, step, epoch, token, state ("" for one that has not changed), route ("1": route at
--       once), largest message in bytes, bytes consumed, number of consumed messages n, n inbox
--       entries, their n ids, number of warnings w, the w warnings, then 8 a posted message: id,
--       parent, source, destination, role, hops, content, body (its digest, for one to be put away)
-- Returns "gone", "duplicate", "cancelled", "fenced", "too-large" or "inbox-full", having written
--         nothing, else "done".
local region, step, epoch, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if not status() then return 'gone' end
if redis.call('HEXISTS', key('done'), step) == 1 then return 'duplicate' end
if status() == 'cancelled' then return 'cancelled' end
if not owns(region, epoch, token) then return 'fenced' end
local chain = select(2, place_and_chain(step))
local largest, consumed = tonumber(ARGV[7]), tonumber(ARGV[9])
local warned = tonumber(ARGV[10 + 2 * consumed])
local first = 11 + 2 * consumed + warned

-- What is on its way to this region when what it has consumed is gone.
local function left_over()
  local number, size = load_of(region)
  return {number - consumed, size - tonumber(ARGV[8])}
end

local posted, room = {}, {}
for i = first, #ARGV, WIDTH do
  local message = edited(message_at(i))
  local to, size = message.destination, #message.content
  if size > largest then return 'too-large' end
  if rule('region:' .. to) then
    room[to] = room[to] or (to == region and left_over() or {load_of(to)})
    room[to] = {room[to][1] + 1, room[to][2] + size}
    if room[to][1] > tonumber(rule('inbox_limit')) or room[to][2] > tonumber(rule('inbox_bytes')) then
      return 'inbox-full'
    end
  end
  posted[#posted + 1] = message
end

for i = 1, consumed do
  redis.call('XDEL', key('in:' .. region), ARGV[9 + i])
  redis.call('HSET', key('letters'), ARGV[9 + consumed + i], step)
end
redis.call('HINCRBY', key('load'), 'n:' .. region, -consumed)
redis.call('HINCRBY', key('load'), 'b:' .. region, -tonumber(ARGV[8]))
if ARGV[5] ~= '' then
  redis.call('HSET', key('versions'), step, ARGV[5])
  redis.call('HSET', key('states'), region, step)
end
for _, message in ipairs(posted) do
  put_away(message)
  dispatch(message, redis.call('XADD', key('out'), '*', unpack(packed(message))))
end
redis.call('HSET', key('done'), step, epoch)
close(region)
tally('busy:' .. chain, -1)
for i = first - warned, first - 1 do
  event('step', 'step', step, 'region', region, 'status', 'warning', 'message', ARGV[i])
end
event('step', 'step', step, 'region', region, 'status', 'done')
if ARGV[6] ~= '1' or route_all() == 0 then advance_all() end
return 'done'
