#!lua flags=allow-oom
-- Takes a step of a node's part of who is on a channel, and calls it out.
--
-- KEYS  the parts, by node: a number, and until when it counts; the members of this node
-- ARGV  the node; the number its part had, '0' to put this in place of all there was; the number it gets; how long it is
--       kept, in milliseconds; the call; how many joined; those; those who left
-- →     {1}, or {0} if the part has another number
local number = tonumber(string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^%d+') or '0')
local before, joined = tonumber(ARGV[2]), tonumber(ARGV[6])
if before == 0 then
  if number >= tonumber(ARGV[3]) then return {0} end
  redis.call('UNLINK', KEYS[2])
elseif number ~= before or redis.call('EXISTS', KEYS[2]) == 0 then
  return {0}
end

local function each(command, from, to)
  for i = from, to, 1000 do redis.call(command, KEYS[2], unpack(ARGV, i, math.min(i + 999, to))) end
end
each('SADD', 7, 6 + joined)
each('SREM', 7 + joined, #ARGV)

if redis.call('PEXPIRE', KEYS[2], ARGV[4]) == 1 then
  local clock = redis.call('TIME')
  local till = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + tonumber(ARGV[4])
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. ':' .. string.format('%.0f', till))
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end
redis.call('SPUBLISH', KEYS[1], ARGV[5])
return {1}
