#!lua flags=allow-oom
-- All parts of who is on a channel, with the members of some; what this node has laid down is kept for longer.
--
-- KEYS  the parts, by node: a number, and until when it counts; the members of this node; those of others …
-- ARGV  this node; how long its part is kept, in milliseconds
-- →     the number of this node's part, 0 if it is not there; {node, number …} of the others; the members of each
--       further key
-- A part that cannot be read is removed, and its node lays it down anew; the others are told.
local DIGITS_MAX = 16
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local kept = redis.call('PEXPIRE', KEYS[2], ARGV[2]) == 1
local parts = redis.call('HGETALL', KEYS[1])
local answer = {0, {}}
for i = 1, #parts, 2 do
  local node = parts[i]
  local number, till = string.match(parts[i + 1], '^(%d+):(%d+)$')
  local isOne = number and #number <= DIGITS_MAX and #till <= DIGITS_MAX
  if isOne and node == ARGV[1] then
    if kept then
      answer[1] = tonumber(number)
      local later = string.format('%.0f', now + tonumber(ARGV[2]))
      redis.call('HSET', KEYS[1], node, number .. ':' .. later)
      redis.call('PEXPIRE', KEYS[1], ARGV[2])
    end
  elseif isOne and tonumber(till) > now then
    table.insert(answer[2], node)
    table.insert(answer[2], number)
  else
    redis.call('HDEL', KEYS[1], node)
  end
end
for i = 3, #KEYS do
  local members = redis.pcall('SMEMBERS', KEYS[i])
  if members.err then
    if not string.find(members.err, 'WRONGTYPE', 1, true) then return members end
    redis.call('UNLINK', KEYS[i])
    members = {}
  end
  answer[i] = members
end
return answer
