#!lua
-- Appends to one channel, in one step. The rules, and the order in which they are asked, are those of
-- core.store.Commit.append; the store's contract is run against both.
--
-- KEYS  the channel, its log, its producers
-- ARGV  the moment in milliseconds, '' for this server's own
--       a generation that a new one has to be greater than
--       most producers; most messages, bytes and milliseconds that are kept, '' for no limit
--       most bytes of a block that is sent along with a call
--       how many groups; for each of them
--         its block, '' for none; how many messages and how many appends are in that; how many entries; for each of them
--           how many messages, their type in lower case, '1' if it closes, its producer's id, epoch and sequence, its
--           stream sequence; '' for what it has not. Appends that are alike but for their messages share an entry
-- →     {'absent'}, {'gone'} or {'here', moment, group …} with a group
--         {verdict, id, generation, sequence, start, bytes, closed, detail …}
--
-- A group is appended whole, as one entry of the log, or not at all. If one of several appends is refused, the verdict
-- is 'apart' and nothing after it was tried: it comes again with its appends in groups of their own.

local channel, log, producers = KEYS[1], KEYS[2], KEYS[3]
local TRIMMED_AT_ONCE = 64 -- entries: what is left goes with the next append

local kept = redis.call('HMGET', channel, 'id', 'kind', 'type', 'lin', 'seq', 'start', 'bytes', 'shut', 'last', 'pin',
  'gone', 'srv', 'inh', 'head')
if not kept[1] then return {'absent'} end
if kept[11] then return {'gone'} end
local id, kind, type, lineage = kept[1], kept[2], kept[3], kept[4]
local sequence, start, bytes = tonumber(kept[5]), tonumber(kept[6]), tonumber(kept[7])
local closed, last, writer, head = kept[8] == '1', kept[9], kept[12], kept[14]
local pin = tonumber(kept[10])
local inherited, inheritedBytes = 0, 0
if kept[13] then
  local through, of = string.match(kept[13], '(%d+):(%d+)')
  inherited, inheritedBytes = tonumber(through), tonumber(of)
end

local clock = redis.call('TIME')
local moment = tonumber(ARGV[1]) or tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local producersMax, callMax = tonumber(ARGV[3]), tonumber(ARGV[7])
local messagesMax, bytesMax, ageMax = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local known = {} -- producer → {epoch, sequence}, or false
local changed = {} -- field, value … of producers
local count -- of producers, once somebody asks
local startBefore, lineageBefore, writerBefore = start, lineage, writer
local lastBefore, headBefore = last, head

-- Whole numbers of up to 2^53, without the exponent that Lua would write.
local function digits(number)
  return string.format('%.0f', number)
end

-- ---- the lineage: (generation, after), eight bytes each ----

local function span(index) -- from 1
  return struct.unpack('>I8I8', lineage, 16 * index - 15)
end

-- The generation of the position after the newest message.
local function generation()
  for index = #lineage / 16, 2, -1 do
    local of, after = span(index)
    if after < sequence then return of end
  end
  return (span(1))
end

-- Redis may lose what it wrote last when it starts again or another takes its place, and then it has another replication
-- id. What is written from then on has a generation of its own, so that no offset names two messages.
local function continueLineage()
  local told = redis.call('INFO', 'replication')
  local _, label = string.find(told, 'master_replid:', 1, true)
  local server = string.sub(told, label + 1, label + 16)
  if writer == server then return end
  local newest = span(#lineage / 16)
  local micros = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
  local first = 1
  while first < #lineage / 16 and select(2, span(first + 1)) < start do first = first + 1 end
  lineage = string.sub(lineage, 16 * first - 15)
    .. struct.pack('>I8I8', math.max(newest + 1, micros, tonumber(ARGV[2]) + 1), sequence)
  writer = server
end

-- ---- the rules ----

-- Bytes in their order, whatever the locale of this server.
local function isGreater(value, than)
  for at = 1, math.min(#value, #than) do
    local a, b = string.byte(value, at), string.byte(than, at)
    if a ~= b then return a > b end
  end
  return #value > #than
end

local function producerOf(name)
  if known[name] == nil then
    local state = redis.call('HGET', producers, name)
    if state then
      local epoch, of = string.match(state, '(%d+):(%d+)')
      known[name] = {tonumber(epoch), tonumber(of)}
    else
      known[name] = false
    end
  end
  return known[name]
end

-- Why an entry is refused; nil if it is not. What it changes of producers goes into `staged`.
local function refusal(at, staged)
  local messages, of, closes = tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2] == '1'
  local name, epoch, number, stream = ARGV[at + 3], tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5]), ARGV[at + 6]
  local state
  if epoch then
    state = staged[name] or producerOf(name)
    if state then
      if epoch < state[1] then return {'stale', state[1]} end
      if epoch == state[1] and number <= state[2] then return {'duplicate', state[1], state[2]} end
      if epoch > state[1] and number ~= 0 then return {'epoch'} end
    end
  end
  if closed then
    if not epoch and messages == 0 then return nil end
    return {'closed'}
  end
  if epoch then
    local expected = (state and epoch == state[1]) and state[2] + 1 or 0
    if number ~= expected then return {'gap', expected} end
    if not state then
      if not count then count = redis.call('HLEN', producers) - 1 end -- see make.lua
      if count >= producersMax then return {'producers'} end
    end
  end
  if messages > 0 and of ~= '' and of ~= kind then return {'type', type} end
  if stream ~= '' then
    if last and not isGreater(stream, last) then return {'stream'} end
    last = stream
  end
  if closes then closed = true end
  if epoch then
    if not state then count = count + 1 end
    staged[name] = {epoch, number}
  end
  return nil
end

-- ---- retention ----

-- The first block of its own that has messages after the start: through which message, byte and moment it reaches.
local function firstBlock()
  if head then
    local through, to, millis = string.match(head, '(%d+):(%d+):(%d+)')
    if tonumber(through) > start then return tonumber(through), tonumber(to), tonumber(millis) end
  end
  local entry = redis.call('XRANGE', log, '(' .. digits(start) .. '-0', '+', 'COUNT', 1)[1]
  if not entry then return nil end
  local block = entry[2][2]
  local messages, appends, payload = struct.unpack('>i4i4i4', block, 5)
  local to = struct.unpack('>I8', block, 33) + #block - payload
  local millis = struct.unpack('>I8', block, 41 + 4 * messages + 16 * (appends - 1) + 4)
  local through = tonumber(string.match(entry[1], '^%d+'))
  head = digits(through) .. ':' .. digits(to) .. ':' .. digits(millis)
  return through, to, millis
end

-- The newest message stays in any case.
local function trim(before)
  if messagesMax and sequence - messagesMax > start then start = sequence - messagesMax end
  if not bytesMax and not ageMax then return end
  for _ = 1, TRIMMED_AT_ONCE do
    if start >= before then return end
    local through, to, millis
    if start < inherited then -- of these only the end is known here
      through, to, millis = inherited, inheritedBytes, moment
    else
      through, to, millis = firstBlock()
    end
    if not through or through >= sequence then return end
    if not (bytesMax and bytes - to >= bytesMax) and not (ageMax and moment - millis > ageMax) then return end
    start = through
  end
end

-- ---- a group ----

-- The block with what was not known when it was made: see core.channel.Block.
local function placed(block, messages, appends, first)
  local head, time = struct.pack('>I8I8I8', (span(#lineage / 16)), first, bytes), struct.pack('>I8', moment)
  local at = 41 + 4 * messages
  if appends == 1 then
    return string.sub(block, 1, 16) .. head .. string.sub(block, 41, at + 3) .. time .. string.sub(block, at + 12)
  end
  local parts = {string.sub(block, 1, 16), head, string.sub(block, 41, at - 1)}
  for _ = 1, appends do
    parts[#parts + 1] = string.sub(block, at, at + 3)
    parts[#parts + 1] = time
    parts[#parts + 1] = string.sub(block, at + 12, at + 15)
    at = at + 16
  end
  parts[#parts + 1] = string.sub(block, at)
  return table.concat(parts)
end

local function call(block)
  redis.call('SPUBLISH', channel,
    struct.pack('>BI8I8I8I8I8B', 1, tonumber(id), generation(), sequence, start, bytes, closed and 1 or 0)
      .. (#block <= callMax and block or ''))
end

local answers = {'here', moment}
local wasOpen = not closed
local at = 9
for _ = 1, tonumber(ARGV[8]) do
  local block, messages, appends, entries = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local one = entries == 1 -- those that an entry stands for are refused alike
  local lastThen, closedThen, countThen = last, closed, count
  local staged, why = {}, nil
  local entry = at + 4
  for _ = 1, entries do
    why = why or refusal(entry, staged)
    entry = entry + 7
  end
  if why then
    last, closed, count = lastThen, closedThen, countThen
    if not one then why = {'apart'} end
  else
    for name, state in pairs(staged) do
      known[name] = state
      changed[#changed + 1] = name
      changed[#changed + 1] = digits(state[1]) .. ':' .. digits(state[2])
    end
    if messages > 0 then
      continueLineage()
      local before = sequence
      local whole = placed(block, messages, appends, sequence + 1)
      sequence = sequence + messages
      bytes = bytes + struct.unpack('>i4', block, 41 + 4 * (messages - 1))
      redis.call('XADD', log, digits(sequence) .. '-0', 'b', whole)
      trim(before)
      call(whole)
    elseif closed and not closedThen then
      call('')
    end
    why = {'appended'}
  end
  answers[#answers + 1] = {
    why[1], tonumber(id), generation(), sequence, start, bytes, closed and 1 or 0, why[2], why[3],
  }
  if why[1] == 'apart' then break end
  at = entry
end

-- ---- what has changed ----

local fields = {}
local function put(field, value)
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end
if sequence ~= tonumber(kept[5]) then
  put('seq', digits(sequence))
  put('bytes', digits(bytes))
end
if start ~= startBefore then put('start', digits(start)) end
if lineage ~= lineageBefore then put('lin', lineage) end
if writer ~= writerBefore then put('srv', writer) end
if last ~= lastBefore then put('last', last) end
if closed and wasOpen then put('shut', '1') end
if head ~= headBefore then put('head', head) end
if #fields > 0 then redis.call('HSET', channel, unpack(fields)) end
for from = 1, #changed, 2000 do
  redis.call('HSET', producers, unpack(changed, from, math.min(from + 1999, #changed)))
end
if start ~= startBefore then
  redis.call('XTRIM', log, 'MINID', '~', digits(math.min(start, pin or start) + 1))
end
return answers
