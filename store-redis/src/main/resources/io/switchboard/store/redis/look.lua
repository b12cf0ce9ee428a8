#!lua flags=no-writes
-- All that is kept of one channel besides its messages and producers, and the moment.
--
-- KEYS  the channel
-- →     seconds, microseconds, and its fields; nil for one that is not there
local clock = redis.call('TIME')
return {clock[1], clock[2], redis.call('HMGET', KEYS[1], 'id', 'about', 'type', 'lin', 'seq', 'start', 'bytes', 'shut',
  'last', 'forks', 'pin', 'gone', 'due')}
