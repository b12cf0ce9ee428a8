#!lua flags=allow-oom
-- Remembers when a channel expires.
--
-- KEYS  the channel
-- ARGV  its id; its deadline in milliseconds, '' for none
-- →     {1}, or {0} if it is not there
local kept = redis.call('HMGET', KEYS[1], 'id', 'gone')
if kept[1] ~= ARGV[1] or kept[2] then return {0} end
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], 'due')
else
  redis.call('HSET', KEYS[1], 'due', ARGV[2])
end
return {1}
