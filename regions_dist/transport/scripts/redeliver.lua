-- Send a dead letter once more: a new message with the dead one as its parent.
-- ARGV  id of the dead letter, destination or "" for the same
-- Returns "gone", "unknown" (no such dead letter), "duplicate" (sent once already), "no-region"
--         (nobody of that name) or "run-ended", having written nothing, else "held".
-- Guards: the dead letter stays; it is sent again once.
local id, destination = unpack(ARGV)
if not status() then return 'gone' end
local found
for _, entry in ipairs(redis.call('XRANGE', key('dead'), '-', '+')) do
  local message = as_table(entry[2])
  if message.id == id then found = message end
end
if not found then return 'unknown' end
if redis.call('HEXISTS', key('redelivered'), id) == 1 then return 'duplicate' end
if past_last_layer() then return 'run-ended' end
if destination == '' then destination = found.destination end
if not rule('region:' .. destination) then return 'no-region' end
local role = found.role == 'reply' and 'reply' or 'request'
hold({parent = id, source = found.source, destination = destination, role = role,
  content = found.content, body = found.body})
redis.call('HSET', key('redelivered'), id, destination)
return 'held'
