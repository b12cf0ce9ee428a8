#!lua flags=allow-oom
-- Deletes a channel; one that has forks is kept for them (core.store.Commit.delete).
--
-- KEYS  the channel, its log, its producers
-- ARGV  its id
-- →     {'absent'}, {'gone'}, {'kept'}, or {'deleted', name, id} of the channel that it was a fork of, '' for none
local channel, log, producers = KEYS[1], KEYS[2], KEYS[3]
local kept = redis.call('HMGET', channel, 'id', 'forks', 'gone', 'up', 'upid')
if kept[1] ~= ARGV[1] then return {'absent'} end
if kept[3] then return {'gone'} end
local told = struct.pack('B', 0)
if tonumber(kept[2] or '0') > 0 then
  redis.call('HSET', channel, 'gone', '1')
  redis.call('HDEL', channel, 'due')
  redis.call('SPUBLISH', channel, told)
  return {'kept'}
end
redis.call('UNLINK', channel, log, producers)
redis.call('SPUBLISH', channel, told)
return {'deleted', kept[4] or '', kept[5] or ''}
