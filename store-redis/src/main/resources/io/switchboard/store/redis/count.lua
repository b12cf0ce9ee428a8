#!lua
-- Counts one thing more that lies on the shelf for an owner, unless there are too many.
--
-- KEYS  what lies there of the owner, by the end of its time in milliseconds
-- ARGV  its key; how long it lies there, in milliseconds; how many there may be
-- →     {1}, or {0} if there are as many
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return {0} end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1}
