-- Give an open-ended run more layers, when it stands at its end, and let it go on.
-- ARGV  place at which they begin; then two lists, each behind the number of its items:
--       plan fields: name, value
--       mail from outside: parent, source, destination, role, content, body, at
-- Returns "gone", or the run's status where it does not stand there, having written nothing; else
--         "done".
-- Guards: a call that is repeated because its reply was lost counts once.
local first = ARGV[1]
if not status() then return 'gone' end
local places = redis.call('HGET', key('plan'), 'places')
if redis.call('HGET', KEYS[1], 'extended') == first then return 'done' end
if status() ~= 'paused' or places ~= first or redis.call('HGET', KEYS[1], 'next') ~= first then
  return status()
end
local fields, mail = tonumber(ARGV[2]), 3
for i = mail, mail - 1 + fields * 2, 2 do redis.call('HSET', key('plan'), ARGV[i], ARGV[i + 1]) end
mail = mail + fields * 2 + 1
for i = mail, #ARGV, 7 do
  hold(put_away({parent = ARGV[i], source = ARGV[i + 1], destination = ARGV[i + 2],
    role = ARGV[i + 3], content = ARGV[i + 4], body = ARGV[i + 5], at = ARGV[i + 6]}))
end
redis.call('HSET', KEYS[1], 'extended', first)
set_status('running')
leave_stop()
return 'done'
