-- What the scripts of an endpoint's slots share; put before each of them.
--
-- KEYS[1]  regions:slots:{<endpoint>}:here; the other keys stand under the same root (keys.py)
--
-- here     zset    who holds a slot or waits for one: token to the end of its lease (microseconds)
-- waiting  zset    who waits: token to its turn
-- held     set     who holds a slot
-- beat     string  lives for half a lease after any of them was heard
-- wake:<t> list    wakes who waits with the token t
-- A silence of all of them, as when the broker was away, ends nobody's lease: all begin anew.

local root = string.sub(KEYS[1], 1, -5)
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function key(name)
  return root .. name
end

-- Renew the lease (milliseconds) of a token; of all of them after a silence.
-- Returns false for a token that is not here and has not been kept from us by a silence.
local function hear(token, lease, is_new)
  local ends, silent = now + lease * 1000, redis.call('EXISTS', key('beat')) == 0
  if not (is_new or silent or redis.call('ZSCORE', KEYS[1], token)) then return false end
  if silent then
    for _, each in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
      redis.call('ZADD', KEYS[1], string.format('%.0f', ends), each)
    end
  end
  redis.call('ZADD', KEYS[1], string.format('%.0f', ends), token)
  redis.call('SET', key('beat'), '1', 'PX', math.ceil(lease / 2))
  return true
end

local function leave(token)
  redis.call('ZREM', KEYS[1], token)
  redis.call('ZREM', key('waiting'), token)
  redis.call('SREM', key('held'), token)
  redis.call('DEL', key('wake:' .. token))
end
