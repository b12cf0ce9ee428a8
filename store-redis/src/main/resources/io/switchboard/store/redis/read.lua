#!lua flags=no-writes
-- Blocks of a log in their order: until they have so many bytes together, or there are so many. XRANGE alone knows no
-- bytes, and behind a thousand small blocks there may be a thousand large ones.
--
-- KEYS  the log
-- ARGV  the sequence after which; bytes, which the last of them may exceed; most blocks
-- →     the blocks
local AT_ONCE = 4
local blocks, bytes, after = {}, 0, ARGV[1] .. '-0'
local bytesMax, blocksMax = tonumber(ARGV[2]), tonumber(ARGV[3])
while true do
  local entries = redis.call('XRANGE', KEYS[1], '(' .. after, '+', 'COUNT', AT_ONCE)
  for _, entry in ipairs(entries) do
    after = entry[1]
    blocks[#blocks + 1] = entry[2][2]
    bytes = bytes + #entry[2][2]
    if bytes >= bytesMax or #blocks >= blocksMax then return blocks end
  end
  if #entries < AT_ONCE then return blocks end
end
