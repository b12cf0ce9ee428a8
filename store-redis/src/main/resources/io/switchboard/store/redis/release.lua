#!lua flags=allow-oom
-- Counts one fork of a channel less. After the last one, messages that were kept only for forks go; and if the channel
-- itself was kept only for them, it goes too.
--
-- KEYS  the channel, its log, its producers
-- ARGV  its id
-- →     nothing if it stays or is not there; otherwise the channel that it was a fork of itself: its name and its id,
--       '' for none
local channel, log = KEYS[1], KEYS[2]
local kept = redis.call('HMGET', channel, 'id', 'forks', 'gone', 'start', 'up', 'upid')
if kept[1] ~= ARGV[1] then return {} end
local forks = math.max(0, tonumber(kept[2] or '0') - 1)
if forks == 0 and kept[3] then
  redis.call('UNLINK', channel, log, KEYS[3])
  redis.call('SPUBLISH', channel, struct.pack('B', 0))
  return {kept[5] or '', kept[6] or ''}
end
redis.call('HSET', channel, 'forks', forks)
if forks == 0 then
  redis.call('HDEL', channel, 'pin')
  redis.call('XTRIM', log, 'MINID', '~', string.format('%.0f', tonumber(kept[4]) + 1))
end
return {}
