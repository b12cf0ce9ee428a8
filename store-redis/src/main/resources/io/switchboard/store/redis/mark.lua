#!lua flags=allow-oom
-- Writes what replicas that have it have all else before. KEYS  the mark  →  {1}
redis.call('SET', KEYS[1], '')
return {1}
