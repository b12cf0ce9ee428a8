#!lua
-- Counts one more fork of a channel, and keeps for forks what it keeps for readers now. The fork itself is made
-- afterwards: should that come to nothing, release.lua takes it back.
--
-- KEYS  the channel
-- ARGV  its id
-- →     as look.lua, as it was before; nothing if it is not there, or only for its forks
local channel = KEYS[1]
local kept = redis.call('HMGET', channel, 'id', 'about', 'type', 'lin', 'seq', 'start', 'bytes', 'shut', 'last', 'forks',
  'pin', 'gone', 'due')
if kept[1] ~= ARGV[1] or kept[12] then return {} end
local forks = tonumber(kept[10] or '0')
redis.call('HSET', channel, 'forks', forks + 1)
if forks == 0 then redis.call('HSET', channel, 'pin', kept[6]) end
local clock = redis.call('TIME')
return {clock[1], clock[2], kept}
