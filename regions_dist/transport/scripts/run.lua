-- What all scripts of a run share; put before each of them.
--
-- KEYS[1]  regions:{<run>}:run; every other key of the run stands under the same root (keys.py)
--
-- run      hash    status, place, seq, started, finished, error_code, error_message, error_where
-- plan     hash    document, places, layer:<p>, chains:<p>, steps:<p>:<c>, region:<r>, policy fields,
--                  step:<id>:region, step:<id>:method
-- barrier  hash    of the present layer: chains_left, unrouted, and per chain next:, busy:, mail:, home:
-- layers   hash    <p>:started, <p>:done (microseconds)
-- All changes of state are guarded here; each script checks and parses before it writes.

local root = string.sub(KEYS[1], 1, -4)

local function key(name)
  return root .. name
end

local function micros()
  local time = redis.call('TIME')
  return string.format('%.0f', time[1] * 1000000 + time[2])
end

local function rule(name)
  return redis.call('HGET', key('plan'), name)
end

local function status()
  return redis.call('HGET', KEYS[1], 'status')
end

local function tally(name, by)
  return redis.call('HINCRBY', key('barrier'), name, by)
end

local function count(name)
  return tonumber(redis.call('HGET', key('barrier'), name) or '0')
end

local function event(kind, ...)
  redis.call('XADD', key('events'), '*', 'type', kind, 'at', micros(), ...)
end

local function set_status(new, code, message, where)
  redis.call('HSET', KEYS[1], 'status', new, 'finished', micros(),
    'error_code', code or '', 'error_message', message or '', 'error_where', where or '')
  event('run', 'status', new, 'code', code or '', 'message', message or '', 'where', where or '')
end

local function step_id(place, chain, step)
  return string.format('%04d-%03d-%03d', place, chain, step)
end

local function place_and_chain(id)
  local place, chain = string.match(id, '^(%d+)%-(%d+)')
  return tonumber(place), tonumber(chain)
end

local function as_table(flat)
  local fields = {}
  for i = 1, #flat, 2 do
    fields[flat[i]] = flat[i + 1]
  end
  return fields
end

-- Give the next step of a chain to whoever hosts its region.
local function order(place, chain, step)
  local id = step_id(place, chain, step)
  local region, method = rule('step:' .. id .. ':region'), rule('step:' .. id .. ':method')
  redis.call('XTRIM', key('orders:' .. region), 'MAXLEN', 0)
  redis.call('XADD', key('orders:' .. region), '*', 'step', id, 'method', method)
  event('step', 'step', id, 'region', region, 'method', method, 'status', 'queued')
end

-- Release the chain's next step, or bring the chain home, when nothing of it is under way.
local function advance(chain)
  if chain == 0 or status() ~= 'running' then return end
  if count('busy:' .. chain) > 0 or count('mail:' .. chain) > 0 or count('home:' .. chain) > 0 then
    return
  end
  local place = tonumber(redis.call('HGET', KEYS[1], 'place'))
  local step = count('next:' .. chain)
  if step < tonumber(rule('steps:' .. place .. ':' .. chain)) then
    tally('busy:' .. chain, 1)
    tally('next:' .. chain, 1)
    order(place, chain, step)
  else
    tally('home:' .. chain, 1)
    tally('chains_left', -1)
  end
end
