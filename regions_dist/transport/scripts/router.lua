-- Routing, behind run.lua: the head of the outbox moves to inboxes, in order, by the policy.
--
-- out     stream  posted, not yet routed     in:<region>  stream  delivered, not yet consumed
-- trace   stream  one entry a routed message  dead        stream  dead letters, with the reason
-- held    stream  from outside the plan, enters at the next layer's start
-- retry   zset    message id by due time (microseconds); its fields are in later:<id>
-- fates   hash    how many messages met which fate

local FIELDS = {'id', 'parent', 'source', 'destination', 'role', 'hops', 'content'}

local function packed(message)
  local flat = {}
  for _, name in ipairs(FIELDS) do
    flat[#flat + 1] = name
    flat[#flat + 1] = message[name]
  end
  return flat
end

local function record(message, fate, reason)
  local flat = packed(message)
  local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
  local copies = fate == 'delivered' and rule('cc') or '[]'
  redis.call('XADD', key('trace'), '*', 'seq', seq, 'at', micros(), 'outcome', fate,
    'copies', copies, unpack(flat))
  redis.call('HINCRBY', key('fates'), fate, 1)
  if fate == 'dead' then
    redis.call('XADD', key('dead'), '*', 'reason', reason, unpack(flat))
  end
  if fate == 'printed' then
    redis.call('XADD', key('answers'), '*', 'source', message.source, 'content', message.content)
  end
  event('message', 'seq', seq, 'id', message.id, 'source', message.source, 'destination',
    message.destination, 'role', message.role, 'outcome', fate, 'reason', reason or '',
    'content', fate == 'printed' and message.content or '')
end

local function offspring(message, mark, changes)
  local child = {}
  for _, name in ipairs(FIELDS) do child[name] = changes[name] or message[name] end
  child.id, child.parent = message.id .. mark, message.id
  child.hops = tostring(tonumber(message.hops) + 1)
  return child
end

local settle

local function give_back(message)
  local to = message.source
  local known = rule('region:' .. to) or to == rule('print_address')
  if string.sub(message.id, -1) == 'r' or not known then
    return record(message, 'dead', 'nobody to return it to')
  end
  record(message, 'returned')
  local source = rule('rts_source')
  return settle(offspring(message, 'r', {
    source = source ~= '' and source or message.destination, destination = to, role = 'reply',
    content = rule('rts_prepend') .. message.content}))
end

local function send_on(message)
  if string.sub(message.id, -1) == 'f' then
    return record(message, 'dead', 'rerouted once already')
  end
  record(message, 'rerouted')
  return settle(offspring(message, 'f', {destination = rule('reroute_destination')}))
end

-- False while the message waits for another try, which holds its layer's barrier.
local function try_later(message)
  local tries = tonumber(redis.call('HGET', key('later:' .. message.id), 'tries') or '0')
  if tries >= tonumber(rule('retries')) then
    redis.call('DEL', key('later:' .. message.id))
    return record(message, 'dead', 'still undeliverable after ' .. tries .. ' retries')
  end
  local pause = math.min(250000 * 2 ^ tries, 5000000 / tonumber(rule('retries')))
  redis.call('HSET', key('later:' .. message.id), 'tries', tries + 1, unpack(packed(message)))
  redis.call('ZADD', key('retry'), tonumber(micros()) + pause, message.id)
  return false
end

local function undeliverable(message)
  local policy = rule('undeliverable')
  if policy == 'return' then return give_back(message) end
  if policy == 'reroute' then return send_on(message) end
  if policy == 'retry' then return try_later(message) end
  if policy == 'drop' then return record(message, 'dropped') end
  local why = "message " .. message.id .. " from '" .. message.source .. "' is for '"
    .. message.destination .. "', which the plan does not hold"
  record(message, 'dead', why)
  set_status('failed', 'undeliverable', why, message.source)
end

settle = function(message)
  local to = message.destination
  if tonumber(message.hops) > tonumber(rule('max_hops')) then
    return record(message, 'dead', 'hop limit')
  end
  if to == rule('print_address') then return record(message, 'printed') end
  if not rule('region:' .. to) then return undeliverable(message) end
  redis.call('XADD', key('in:' .. to), '*', unpack(packed(message)))
  return record(message, 'delivered')
end

local function settled(message)
  if settle(message) == false then return end
  local _, chain = place_and_chain(message.id)
  tally('mail:' .. chain, -1)
  tally('unrouted', -1)
end

local enter

local function leave_layer()
  if status() ~= 'running' or count('chains_left') > 0 or count('unrouted') > 0 then return end
  local place = tonumber(redis.call('HGET', KEYS[1], 'place'))
  redis.call('HSET', key('layers'), place .. ':done', micros())
  event('layer', 'place', place, 'layer', rule('layer:' .. place), 'status', 'done')
  enter(place + 1)
end

local function admit_held(place)
  local held = redis.call('XRANGE', key('held'), '-', '+')
  redis.call('XTRIM', key('held'), 'MAXLEN', 0)
  for number, entry in ipairs(held) do
    local message = as_table(entry[2])
    message.id = step_id(place, 0, 0) .. string.format('-%06d', number - 1)
    tally('mail:0', 1)
    tally('unrouted', 1)
    settled(message)
  end
end

local function finish(place)
  for number, entry in ipairs(redis.call('XRANGE', key('held'), '-', '+')) do
    local message = as_table(entry[2])
    message.id = step_id(place, 0, 0) .. string.format('-%06d', number - 1)
    record(message, 'dead', 'run-ended')
  end
  redis.call('DEL', key('held'), key('barrier'))
  set_status('succeeded')
end

local function advance_all()
  if status() ~= 'running' then return end
  local place = redis.call('HGET', KEYS[1], 'place')
  for chain = 1, tonumber(rule('chains:' .. place)) do advance(chain) end
  leave_layer()
end

enter = function(place)
  redis.call('HSET', KEYS[1], 'place', place)
  if place == tonumber(rule('places')) then return finish(place) end
  redis.call('DEL', key('barrier'))
  redis.call('HSET', key('layers'), place .. ':started', micros())
  event('layer', 'place', place, 'layer', rule('layer:' .. place), 'status', 'started')
  tally('chains_left', tonumber(rule('chains:' .. place)))
  admit_held(place)
  advance_all()
end

local function route_due()
  local due = redis.call('ZRANGEBYSCORE', key('retry'), '-inf', micros())
  for _, id in ipairs(due) do
    redis.call('ZREM', key('retry'), id)
    settled(as_table(redis.call('HGETALL', key('later:' .. id))))
  end
  return #due
end

local function route_all()
  local moved = route_due()
  for _, entry in ipairs(redis.call('XRANGE', key('out'), '-', '+')) do
    redis.call('XDEL', key('out'), entry[1])
    settled(as_table(entry[2]))
    moved = moved + 1
  end
  if moved > 0 then advance_all() end
  return moved
end
