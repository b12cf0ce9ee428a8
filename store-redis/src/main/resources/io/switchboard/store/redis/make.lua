#!lua
-- Makes a channel, unless one has the name. What it is was decided before.
--
-- KEYS  the channel, its log, its producers; the last two are there as long as the channel, even with nothing in them:
--       while a cluster moves a slot, a script is let in only where all of its keys are
-- ARGV  its first block, '' for none; the sequence of the last message in that; its fields, name and value in turn
-- →     {1}, or {0} if there is one already
if redis.call('EXISTS', KEYS[1]) == 1 then return {0} end
local server = string.sub(string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)'), 1, 16)
redis.call('HSET', KEYS[1], 'srv', server, unpack(ARGV, 3))
redis.call('HSET', KEYS[3], '', '')
if ARGV[1] ~= '' then
  redis.call('XADD', KEYS[2], ARGV[2] .. '-0', 'b', ARGV[1])
else
  redis.call('XADD', KEYS[2], 'MAXLEN', '0', '0-1', 'b', '')
end
redis.call('SPUBLISH', KEYS[1], struct.pack('B', 0))
return {1}
