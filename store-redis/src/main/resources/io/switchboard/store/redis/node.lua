#!lua flags=allow-oom
-- Renews the lease of a node, and tells who holds one.
--
-- KEYS  the nodes, by the end of their leases in milliseconds
-- ARGV  its id; how long the lease is, in milliseconds; how many are told at most
-- →     {1 if it held one before, else 0; id …}
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local added = redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
local told = redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[3]) - 1)
table.insert(told, 1, 1 - added)
return told
