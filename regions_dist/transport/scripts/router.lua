-- Routing, behind run.lua: the head of the outbox moves to inboxes, in order, by the policy.
--
-- out     stream  posted, not yet routed     in:<region>  stream  delivered, not yet consumed
-- trace   stream  one entry a routed message  dead        stream  dead letters, with the reason
-- held    stream  from outside the plan, enters at the start of layer `at` or a later one
-- letters hash    message id to how far it is: "flight" or "delivered", each with the stream and
--                 the entry that hold it, another fate, or the step that consumed it
-- load    hash    n:<region>, b:<region>: messages and bytes on their way to it or in its inbox
-- bodies  hash    large contents, by their digest, of messages that only name it (field body)
-- waiting stream  undeliverable, to be tried again; retry (zset) has when, in microseconds
-- edits   hash    what messages of a branch shall say instead: id, and <id>:body
-- inherited stream what lay in the inboxes when the run branched off another
-- fates   hash    how many messages met which fate

local FIELDS = {'id', 'parent', 'source', 'destination', 'role', 'hops', 'content', 'body'}
local WIDTH = #FIELDS
local LONGEST_PAUSE = 5000000

local function packed(message)
  local flat = {}
  for _, name in ipairs(FIELDS) do
    flat[#flat + 1] = name
    flat[#flat + 1] = message[name]
  end
  return flat
end

-- The message that stands at ARGV[i]; a large body is put away, and the message names it.
local function message_at(i)
  local message = {}
  for offset, name in ipairs(FIELDS) do message[name] = ARGV[i + offset - 1] end
  return message
end

local function put_away(message)
  if message.body ~= '' then
    redis.call('HSETNX', key('bodies'), message.body, message.content)
    message.content = ''
  end
  return message
end

-- The message, saying what it is to say in this branch of its run.
local function edited(message)
  local text = redis.call('HGET', key('edits'), message.id)
  if text then
    message.content, message.body = text, redis.call('HGET', key('edits'), message.id .. ':body')
  end
  return message
end

local function bytes(message)
  if message.body == '' then return #message.content end
  return redis.call('HSTRLEN', key('bodies'), message.body)
end

-- Count a message as coming to a region (by 1) or as not coming after all (by -1).
local function expect(message, by)
  if not rule('region:' .. message.destination) then return end
  redis.call('HINCRBY', key('load'), 'n:' .. message.destination, by)
  redis.call('HINCRBY', key('load'), 'b:' .. message.destination, by * bytes(message))
end

local function load_of(region)
  local found = redis.call('HMGET', key('load'), 'n:' .. region, 'b:' .. region)
  return tonumber(found[1] or '0'), tonumber(found[2] or '0')
end

-- How far a message is, and which entry of which stream is the real one.
local function mark(message, stage, stream, entry)
  local where = entry and ' ' .. stream .. ' ' .. entry or ''
  redis.call('HSET', key('letters'), message.id, stage .. where)
end

-- A message comes into being: posted, admitted, or made by the policy.
local function launch(message, entry)
  mark(message, 'flight', 'out', entry)
  expect(message, 1)
end

local function dead_letter(message, reason)
  redis.call('XADD', key('dead'), '*', 'reason', reason, 'at', micros(), unpack(packed(message)))
end

local function write_trace(message, fate, reason)
  local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
  local copies = fate == 'delivered' and rule('cc') or '[]'
  local entry = redis.call('XADD', key('trace'), '*', 'seq', seq, 'at', micros(), 'outcome', fate,
    'copies', copies, unpack(packed(message)))
  redis.call('HINCRBY', key('fates'), fate, 1)
  if fate == 'dead' then dead_letter(message, reason) end
  local printed = fate == 'printed'
  if printed then
    redis.call('XADD', key('answers'), '*', 'source', message.source, 'content', message.content,
      'body', message.body)
  end
  event('message', 'seq', seq, 'entry', entry, 'id', message.id, 'source', message.source, 'destination',
    message.destination, 'role', message.role, 'outcome', fate, 'reason', reason or '',
    'content', printed and message.content or '', 'body', printed and message.body or '')
end

-- A message that was launched meets its fate.
local function record(message, fate, reason, entry)
  mark(message, fate, 'in:' .. message.destination, entry)
  if fate ~= 'delivered' then expect(message, -1) end
  write_trace(message, fate, reason)
end

local function sound(message)
  for _, name in ipairs(FIELDS) do
    if not message[name] then return false, 'it has no field "' .. name .. '"' end
  end
  if message.role ~= 'request' and message.role ~= 'reply' then
    return false, 'its role is "' .. message.role .. '", and neither request nor reply'
  end
  if not string.match(message.hops, '^%d+$') then return false, 'its hops are no number' end
  if message.body ~= '' and redis.call('HEXISTS', key('bodies'), message.body) == 0 then
    return false, 'what it says is not here'
  end
  return true
end

-- An entry that no script of ours wrote: a dead letter, so that it stops nobody and is not lost.
local function bury(stream, entry, reason)
  redis.call('XDEL', key(stream), entry[1])
  local found, message = as_table(entry[2]), {}
  for _, name in ipairs(FIELDS) do message[name] = found[name] or '' end
  if not found.content then message.content = cjson.encode(found) end
  message.id, message.body = 'stray-' .. entry[1] .. '-' .. stream, ''
  write_trace(message, 'dead', 'found in ' .. stream .. ', put there by nobody here: ' .. reason)
end

-- The message of an entry, if it is one that stands at `stage`; else the entry is buried.
local function letter(stream, entry, stage)
  local message = as_table(entry[2])
  local good, why = sound(message)
  if good and redis.call('HGET', key('letters'), message.id) ~= table.concat({stage, stream, entry[1]}, ' ') then
    good, why = false, 'no step posted it'
  end
  if good then return message end
  bury(stream, entry, why)
end

local function offspring(message, suffix, changes)
  local child = {}
  for _, name in ipairs(FIELDS) do child[name] = changes[name] or message[name] end
  child.id, child.parent = message.id .. suffix, message.id
  child.hops = tostring(tonumber(message.hops) + 1)
  launch(child)
  return child
end

local settle

local function noticed(message)
  local notice = rule('rts_prepend')
  if notice == '' or message.body == '' then return notice .. message.content, message.body end
  local content = notice .. redis.call('HGET', key('bodies'), message.body)
  local body = message.body .. '-returned'
  redis.call('HSETNX', key('bodies'), body, content)
  return '', body
end

local function give_back(message)
  local to = message.source
  local known = rule('region:' .. to) or to == rule('print_address')
  if string.sub(message.id, -1) == 'r' or not known then
    return record(message, 'dead', 'nobody to return it to')
  end
  record(message, 'returned')
  local source = rule('rts_source')
  local content, body = noticed(message)
  return settle(offspring(message, 'r', {source = source ~= '' and source or message.destination,
    destination = to, role = 'reply', content = content, body = body}))
end

local function send_on(message)
  if string.sub(message.id, -1) == 'f' then
    return record(message, 'dead', 'rerouted once already')
  end
  record(message, 'rerouted')
  return settle(offspring(message, 'f', {destination = rule('reroute_destination')}))
end

-- False while the message waits for another try, which holds its layer's barrier.
local function try_later(message, tries)
  if tries >= tonumber(rule('retries')) then
    return record(message, 'dead', 'still undeliverable after ' .. tries .. ' retries')
  end
  local pause = math.min(250000 * 2 ^ tries, LONGEST_PAUSE / tonumber(rule('retries')))
  local entry = redis.call('XADD', key('waiting'), '*', 'tries', tries + 1, unpack(packed(message)))
  redis.call('ZADD', key('retry'), tonumber(micros()) + pause, entry)
  mark(message, 'flight', 'waiting', entry)
  return false
end

local function undeliverable(message, tries)
  local policy = rule('undeliverable')
  if policy == 'return' then return give_back(message) end
  if policy == 'reroute' then return send_on(message) end
  if policy == 'retry' then return try_later(message, tries) end
  if policy == 'drop' then return record(message, 'dropped') end
  local why = "message " .. message.id .. " from '" .. message.source .. "' is for '"
    .. message.destination .. "', which the plan does not hold"
  record(message, 'dead', why)
  if status() ~= 'cancelled' then set_status('failed', 'undeliverable', why, message.source) end
end

settle = function(message, tries)
  local to = message.destination
  if tonumber(message.hops) > tonumber(rule('max_hops')) then
    return record(message, 'dead', 'hop limit')
  end
  if to == rule('print_address') then return record(message, 'printed') end
  if not rule('region:' .. to) then return undeliverable(message, tries or 0) end
  local entry = redis.call('XADD', key('in:' .. to), '*', unpack(packed(message)))
  return record(message, 'delivered', nil, entry)
end

local function settled(message, tries)
  if settle(message, tries) == false then return end
  local _, chain = place_and_chain(message.id)
  tally('mail:' .. chain, -1)
  tally('unrouted', -1)
end

-- Posted or admitted: it holds its chain and its layer until it is settled.
local function dispatch(message, entry)
  local _, chain = place_and_chain(message.id)
  launch(message, entry)
  tally('mail:' .. chain, 1)
  tally('unrouted', 1)
end

local enter

local function leave_layer()
  if status() ~= 'running' or count('chains_left') > 0 or count('unrouted') > 0 then return end
  local place = tonumber(redis.call('HGET', KEYS[1], 'place'))
  redis.call('HSET', key('layers'), place .. ':done', micros())
  event('layer', 'place', place, 'layer', rule('layer:' .. place), 'status', 'done')
  enter(place + 1)
end

local function from_outside(entry)
  local message = as_table(entry[2])
  message.id, message.hops, message.at = '', '0', message.at or '0'
  local good, why = sound(message)
  if good and not tonumber(message.at) then good, why = false, 'its "at" is no place' end
  if good then return message end
  bury('held', entry, why)
end

local function admit_held(place)
  local number = 0
  for _, entry in ipairs(redis.call('XRANGE', key('held'), '-', '+')) do
    local message = from_outside(entry)
    if message and tonumber(message.at) <= place then
      redis.call('XDEL', key('held'), entry[1])
      message.id, number = message_id(place, 0, 0, number), number + 1
      dispatch(put_away(edited(message)))
      settled(message)
    end
  end
end

-- Keep mail from outside until the next layer starts.
local function hold(message)
  redis.call('XADD', key('held'), '*', 'parent', message.parent, 'source', message.source,
    'destination', message.destination, 'role', message.role, 'content', message.content,
    'body', message.body, 'at', message.at or '0')
end

local function open_ended()
  return rule('open_ended') == '1'
end

local function past_last_layer()
  local ended = status() == 'succeeded' or status() == 'cancelled'
  if open_ended() then return ended end
  local place = tonumber(redis.call('HGET', KEYS[1], 'place') or '-1')
  return ended or place >= tonumber(rule('places')) - 1
end

-- Mail from outside that no layer will ever start for.
local function too_late(message)
  local number = redis.call('HINCRBY', KEYS[1], 'late', 1) - 1
  message.id, message.hops = message_id(tonumber(rule('places')), 0, 0, number), '0'
  launch(message)
  record(message, 'dead', 'run-ended')
end

local function finish()
  for _, entry in ipairs(redis.call('XRANGE', key('held'), '-', '+')) do
    local message = from_outside(entry)
    if message then too_late(message) end
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

local function begin(place)
  redis.call('HSET', KEYS[1], 'place', place)
  redis.call('DEL', key('barrier'))
  redis.call('HSET', key('layers'), place .. ':started', micros())
  event('layer', 'place', place, 'layer', rule('layer:' .. place), 'status', 'started')
  tally('chains_left', tonumber(rule('chains:' .. place)))
  admit_held(place)
  advance_all()
end

local function stop_before(place, why)
  redis.call('HSET', KEYS[1], 'next', place)
  set_status('paused', 'step', why, place)
end

-- Go on to a place; a run that is stepped stops before it until it is resumed, an open-ended one
-- stops at its end until it is extended, resumed or closed.
enter = function(place)
  if place == tonumber(rule('places')) then
    redis.call('HSET', KEYS[1], 'place', place)
    if not open_ended() then return finish() end
    return stop_before(place, 'waits for its program to say what comes next')
  end
  if redis.call('HGET', KEYS[1], 'stepping') ~= '1' then return begin(place) end
  stop_before(place, 'stopped before layer ' .. rule('layer:' .. place))
end

-- Go on from where the run has stopped, if it has; at its end, it ends.
local function leave_stop()
  local place = redis.call('HGET', KEYS[1], 'next')
  if not place then return false end
  redis.call('HDEL', KEYS[1], 'next')
  if place == rule('places') then finish() else begin(tonumber(place)) end
  return true
end

-- What waits for no retry was put there by hand.
local function clear_waiting()
  if redis.call('XLEN', key('waiting')) == redis.call('ZCARD', key('retry')) then return end
  for _, entry in ipairs(redis.call('XRANGE', key('waiting'), '-', '+')) do
    if not redis.call('ZSCORE', key('retry'), entry[1]) then
      bury('waiting', entry, 'it has no retry')
    end
  end
end

-- Since scores are times of day, one that lies further ahead than any pause is due, too: the
-- broker's clock was set back.
local function route_due()
  local now = tonumber(micros())
  local due = redis.call('ZRANGEBYSCORE', key('retry'), '-inf', now)
  for _, entry in ipairs(redis.call('ZRANGEBYSCORE', key('retry'), now + LONGEST_PAUSE, '+inf')) do
    due[#due + 1] = entry
  end
  for _, id in ipairs(due) do
    redis.call('ZREM', key('retry'), id)
    local entry = string.match(id, '^%d+%-%d+$') and redis.call('XRANGE', key('waiting'), id, id)[1]
    local message = entry and letter('waiting', entry, 'flight')
    if message then
      redis.call('XDEL', key('waiting'), id)
      settled(message, tonumber(as_table(entry[2]).tries))
    end
  end
  clear_waiting()
  return #due
end

local function route_all()
  local moved = route_due()
  for _, entry in ipairs(redis.call('XRANGE', key('out'), '-', '+')) do
    local message = letter('out', entry, 'flight')
    if message then
      redis.call('XDEL', key('out'), entry[1])
      settled(message)
    end
    moved = moved + 1
  end
  if moved > 0 then advance_all() end
  return moved
end
