-- Free the leases of a worker that is gone or leaves, so that another has their steps at once.
-- ARGV  prefix of their tokens: an incarnation and its dot
-- Returns the regions freed; none for a run that does not exist.
-- Guards: what is freed is fenced, for no lease holds its token any more.
local prefix, freed = ARGV[1], {}
local live = status() == 'running' or status() == 'paused'
for _, region in ipairs(redis.call('HKEYS', key('fence'))) do
  local lease = key('lease:' .. region)
  local token = redis.call('HGET', lease, 'token') or ''
  if string.sub(token, 1, #prefix) == prefix then
    freed[#freed + 1] = region
    redis.call('DEL', lease)
    local step = live and redis.call('HGET', key('open'), region)
    if step then
      event('step', 'step', step, 'region', region, 'method', rule('step:' .. step .. ':method'),
        'status', 'queued', 'message', 'its worker has ended')
    end
  end
end
return freed
