-- Create a run and release its first layer; a run that exists is left as it is.
-- ARGV  first place, parent run or "", stepping ("1"), deadline in microseconds from now or "";
--       then six lists, each behind the number of its items:
--       plan fields: name, value                   regions' states: region, state
--       inboxes: the 8 fields of a message         answers: step, name, answer
--       edits: id of a message to come, content, body
--       mail from outside: parent, source, destination, role, content, body, at
-- Returns 1, or 0 for a run that exists.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local at = 5

local function each(width, take)
  local number = tonumber(ARGV[at])
  for i = at + 1, at + number * width, width do take(i) end
  at = at + 1 + number * width
end

each(2, function(i) redis.call('HSET', key('plan'), ARGV[i], ARGV[i + 1]) end)
each(2, function(i)
  redis.call('HSET', key('states'), ARGV[i], 'parent:' .. ARGV[i])
  redis.call('HSET', key('versions'), 'parent:' .. ARGV[i], ARGV[i + 1])
end)
each(WIDTH, function(i)
  local message = put_away(message_at(i))
  launch(message)
  local inbox = 'in:' .. message.destination
  mark(message, 'delivered', inbox, redis.call('XADD', key(inbox), '*', unpack(packed(message))))
  redis.call('XADD', key('inherited'), '*', unpack(packed(message)))
end)
each(3, function(i) redis.call('HSET', key('answers:' .. ARGV[i]), ARGV[i + 1], ARGV[i + 2]) end)
each(3, function(i)
  redis.call('HSET', key('edits'), ARGV[i], ARGV[i + 1], ARGV[i] .. ':body', ARGV[i + 2])
end)
each(7, function(i)
  hold(put_away({parent = ARGV[i], source = ARGV[i + 1], destination = ARGV[i + 2],
    role = ARGV[i + 3], content = ARGV[i + 4], body = ARGV[i + 5], at = ARGV[i + 6]}))
end)
redis.call('HSET', KEYS[1], 'status', 'running', 'started', micros(), 'first', ARGV[1],
  'parent', ARGV[2], 'stepping', ARGV[3])
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[1], 'deadline', string.format('%.0f', tonumber(micros()) + ARGV[4]))
end
event('run', 'status', 'running')
enter(tonumber(ARGV[1]))
return 1
