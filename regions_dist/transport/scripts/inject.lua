-- Mail from outside the plan, which enters at the next layer's start.
-- ARGV  idempotency key, largest message in bytes, source, destination, role, content, body, "1"
--       where the plan's rules decide about an unknown destination
-- Returns "gone", "duplicate", "too-large", "unknown" (destination) or "full", having written
--         nothing; "run-ended" for mail that no layer will start for any more, which is now a dead
--         letter; else "held".
-- Guards: a call that is repeated because its reply was lost counts once.
local once, largest, source, destination, role, content, body, by_rules = unpack(ARGV)
if not status() then return 'gone' end
if redis.call('HEXISTS', key('injected'), once) == 1 then
  return redis.call('HGET', key('injected'), once) == 'held' and 'duplicate' or 'run-ended'
end
if #content > tonumber(largest) then return 'too-large' end
if by_rules ~= '1' and not rule('region:' .. destination) then return 'unknown' end
local late, waits, weight = past_last_layer(), load_of(destination)
if not late and (waits + redis.call('XLEN', key('held')) >= tonumber(rule('inbox_limit'))
    or weight + #content > tonumber(rule('inbox_bytes'))) then
  return 'full'
end
local message = put_away({parent = '', source = source, destination = destination, role = role,
  content = content, body = body})
local outcome = 'held'
if late then
  too_late(message)
  outcome = 'run-ended'
else
  hold(message)
end
redis.call('HSET', key('injected'), once, outcome)
return outcome
