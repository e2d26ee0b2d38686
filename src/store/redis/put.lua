--[[
  Writes a record, if the conditions hold, and tells the watchers.

  KEYS[1]  record (hash: v value, n version, f fence, t terms, one a line)
  KEYS[2]  index of the kind (sorted set of ids, all with score 0)
  KEYS[3]  version counter of the partition
  KEYS[4]  expiries of the partition (sorted set: "kind:id" by the time at which its record ends)
  ARGV[1]  value
  ARGV[2]  expected version, or "" for any
  ARGV[3]  time to live in milliseconds, or "" for none
  ARGV[4]  fence, or "" for none
  ARGV[5]  id
  ARGV[6]  "kind:id"
  ARGV[7]  key prefix of the partition's records
  ARGV[8]  key prefix of the partition's indexes
  ARGV[9]  channel of changes
  ARGV[10] notice for the channel
  ARGV[11] terms of the kind (sorted set of "term NUL id", all with score 0)
  ARGV[12] "=" followed by the terms of the record, one a line; "" leaves those that there are
  ARGV[13]… for each record that is written with it: kind, id, value, time to live in milliseconds or "" for none

  Returns {"ok", new version} or {"version" | "fence", current version}.
]]
local current = redis.call('HMGET', KEYS[1], 'n', 'f')
local version = tonumber(current[1]) or 0
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= version then
  return { 'version', version }
end
if ARGV[4] ~= '' and current[2] and tonumber(current[2]) > tonumber(ARGV[4]) then
  return { 'fence', version }
end

version = redis.call('INCR', KEYS[3])
redis.call('HSET', KEYS[1], 'v', ARGV[1], 'n', string.format('%.0f', version))
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[1], 'f', ARGV[4])
end
redis.call('ZADD', KEYS[2], 0, ARGV[5])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[3] == '' then
  redis.call('PERSIST', KEYS[1])
  redis.call('ZREM', KEYS[4], ARGV[6])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('ZADD', KEYS[4], string.format('%.0f', now + tonumber(ARGV[3])), ARGV[6])
end

if ARGV[12] ~= '' then
  local old = {}
  for term in string.gmatch(redis.call('HGET', KEYS[1], 't') or '', '[^\n]+') do
    old[term] = true
  end
  local terms = string.sub(ARGV[12], 2)
  for term in string.gmatch(terms, '[^\n]+') do
    if old[term] then
      old[term] = nil
    else
      redis.call('ZADD', ARGV[11], 0, term .. '\0' .. ARGV[5])
    end
  end
  for term in pairs(old) do
    redis.call('ZREM', ARGV[11], term .. '\0' .. ARGV[5])
  end
  if terms == '' then
    redis.call('HDEL', KEYS[1], 't')
  else
    redis.call('HSET', KEYS[1], 't', terms)
  end
end

for at = 13, #ARGV, 4 do
  local kind, id, ttl = ARGV[at], ARGV[at + 1], ARGV[at + 3]
  local member = kind .. ':' .. id
  local record = ARGV[7] .. member
  redis.call('HSET', record, 'v', ARGV[at + 2], 'n', string.format('%.0f', redis.call('INCR', KEYS[3])))
  redis.call('ZADD', ARGV[8] .. kind, 0, id)
  if ttl == '' then
    redis.call('PERSIST', record)
    redis.call('ZREM', KEYS[4], member)
  else
    redis.call('PEXPIRE', record, ttl)
    redis.call('ZADD', KEYS[4], string.format('%.0f', now + tonumber(ttl)), member)
  end
end

-- Redis drops expired records by itself, but not their ids in the index. Two per record are more than can be added, so that
-- an index that nobody lists does not grow for ever either.
local ended = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', string.format('%.0f', now), 'LIMIT', 0, 2 + (#ARGV - 12) / 2)
for _, member in ipairs(ended) do
  if redis.call('EXISTS', ARGV[7] .. member) == 0 then
    local colon = string.find(member, ':', 1, true)
    redis.call('ZREM', ARGV[8] .. string.sub(member, 1, colon - 1), string.sub(member, colon + 1))
    redis.call('ZREM', KEYS[4], member)
  end
end

redis.call('PUBLISH', ARGV[9], ARGV[10])
return { 'ok', version }
