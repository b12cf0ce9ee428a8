#!lua flags=allow-oom
-- Removes the part of a node that is no more.
--
-- KEYS  the parts, by node: a number, and until when it counts; the members of that node
-- ARGV  the node; the number its part is known to have
-- →     {1}, or {0} if it has another number
local part = redis.call('HGET', KEYS[1], ARGV[1])
if not part or string.match(part, '^%d+') ~= ARGV[2] then return {0} end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('UNLINK', KEYS[2])
return {1}
