-- What all scripts of a run share; put before each of them.
--
-- KEYS[1]  regions:{<run>}:run; every other key of the run stands under the same root (keys.py)
--
-- run      hash    status, place, first, seq, late, started, finished, deadline, stepping, next,
--                  extended (the place of its last extension), parent, error_code, error_message,
--                  error_where
-- plan     hash    document, places, layer:<p>, chains:<p>, steps:<p>:<c>, region:<r>, policy fields,
--                  step:<id>:region, step:<id>:method
-- barrier  hash    of the present layer: chains_left, unrouted, and per chain next:, busy:, mail:, home:
-- layers   hash    <p>:started, <p>:done (microseconds)
-- open     hash    region to the step that it has been ordered to do, until that is done or has failed
-- All changes of state are guarded here; each script checks and parses before it writes. A script
-- called on a run that the broker does not hold writes nothing.

local root = string.sub(KEYS[1], 1, -4)

local function key(name)
  return root .. name
end

-- Now, in microseconds; the clock stands still while a script runs.
local now
local function micros()
  if not now then
    local time = redis.call('TIME')
    now = string.format('%.0f', time[1] * 1000000 + time[2])
  end
  return now
end

-- A field of the plan, false where it has none.
local rules = {}
local function rule(name)
  if rules[name] == nil then rules[name] = redis.call('HGET', key('plan'), name) end
  return rules[name]
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

-- Tell watchers. Events are never removed, so their number says whether one was missed.
local function event(kind, ...)
  local number = redis.call('XLEN', key('events')) + 1
  redis.call('XADD', key('events'), '*', 'type', kind, 'number', number, 'at', micros(), ...)
end

-- Of several reasons to fail the first one stays.
local function set_status(new, code, message, where)
  if new ~= 'failed' or status() ~= 'failed' then
    local wrong = new == 'failed' or new == 'timed_out'
    redis.call('HSET', KEYS[1], 'status', new, 'error_code', wrong and code or '',
      'error_message', wrong and message or '', 'error_where', wrong and where or '')
  end
  if new == 'running' then
    redis.call('HDEL', KEYS[1], 'finished')
  else
    redis.call('HSET', KEYS[1], 'finished', micros())
  end
  event('run', 'status', new, 'code', code or '', 'message', message or '', 'where', where or '')
end

-- Whether a caller still owns a region: the fencing pair is the one of the last claim.
local function owns(region, epoch, token)
  return redis.call('HGET', key('fence'), region) == epoch
    and redis.call('HGET', key('lease:' .. region), 'token') == token
end

local function step_id(place, chain, step)
  return string.format('%04d-%03d-%03d', place, chain, step)
end

local function message_id(place, chain, step, ordinal)
  return step_id(place, chain, step) .. string.format('-%06d', ordinal)
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

-- Give a step of a chain to whoever hosts its region. When it is ordered again while its owner is
-- at it, others only learn of it to stand by.
local function order(place, chain, step)
  local id = step_id(place, chain, step)
  local region, method = rule('step:' .. id .. ':region'), rule('step:' .. id .. ':method')
  redis.call('HSET', key('open'), region, id)
  redis.call('XTRIM', key('orders:' .. region), 'MAXLEN', 0)
  redis.call('XADD', key('orders:' .. region), '*', 'step', id, 'method', method)
  local owner = redis.call('HGET', key('lease:' .. region), 'owner')
  event('step', 'step', id, 'region', region, 'method', method,
    'status', owner and 'running' or 'queued', 'worker', owner or '')
end

-- A step is over, well or not: its order and its lease end.
local function close(region)
  redis.call('DEL', key('lease:' .. region))
  redis.call('HDEL', key('open'), region)
  redis.call('XTRIM', key('orders:' .. region), 'MAXLEN', 0)
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
