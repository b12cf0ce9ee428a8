#!lua flags=allow-oom
-- Keeps revocations, of each name the latest.
--
-- KEYS  the revocations, by the moment through which they hold in milliseconds
-- ARGV  how many are kept at most; then for each its moment and its name
-- →     {1}, or {0} if there is no room for all of them; those before the first without room are kept
local room = tonumber(ARGV[1]) - redis.call('ZCARD', KEYS[1])
for index = 2, #ARGV, 2 do
  local moment, name = ARGV[index], ARGV[index + 1]
  if not redis.call('ZSCORE', KEYS[1], name) then
    if room <= 0 then return {0} end
    room = room - 1
  end
  redis.call('ZADD', KEYS[1], 'GT', moment, name)
end
return {1}
