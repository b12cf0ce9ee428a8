#!lua flags=allow-oom
-- Lets go of messages of a channel that nobody appends to.
--
-- KEYS  the channel, its log
-- ARGV  its id; the sequence after which messages are kept from now on
-- →     {1}, or {0} if it is not there or keeps less already
local kept = redis.call('HMGET', KEYS[1], 'id', 'start', 'pin')
local start = tonumber(ARGV[2])
if kept[1] ~= ARGV[1] or start <= tonumber(kept[2]) then return {0} end
redis.call('HSET', KEYS[1], 'start', ARGV[2])
local needed = math.min(start, tonumber(kept[3] or ARGV[2]))
redis.call('XTRIM', KEYS[2], 'MINID', '~', string.format('%.0f', needed + 1))
return {1}
