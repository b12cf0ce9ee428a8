#!lua flags=allow-oom
-- Tells of revocations, the latest first, and forgets those that are too old.
--
-- KEYS  the revocations
-- ARGV  the moment before which they are too old, in milliseconds; how many are passed over; how many are told at most
-- →     {how many there are, name, moment …}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1])
local from = tonumber(ARGV[2])
local told = redis.call('ZRANGE', KEYS[1], from, from + tonumber(ARGV[3]) - 1, 'REV', 'WITHSCORES')
table.insert(told, 1, redis.call('ZCARD', KEYS[1]))
return told
