--[[
  Writes records of one partition without conditions, and tells nobody.

  KEYS[1]  version counter of the partition
  KEYS[2]  expiries of the partition (sorted set: "kind:id" by the time at which its record ends)
  ARGV[1]  key prefix of the partition's records
  ARGV[2]  key prefix of the partition's indexes
  ARGV[3]… for each record: kind, id, value, time to live in milliseconds or "" for none
]]
local count = (#ARGV - 2) / 4
local version = redis.call('INCRBY', KEYS[1], count) - count
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for at = 3, #ARGV, 4 do
  local kind, id, ttl = ARGV[at], ARGV[at + 1], ARGV[at + 3]
  local member = kind .. ':' .. id
  local record = ARGV[1] .. member
  version = version + 1
  redis.call('HSET', record, 'v', ARGV[at + 2], 'n', string.format('%.0f', version))
  redis.call('ZADD', ARGV[2] .. kind, 0, id)
  if ttl == '' then
    redis.call('PERSIST', record)
    redis.call('ZREM', KEYS[2], member)
  else
    redis.call('PEXPIRE', record, ttl)
    redis.call('ZADD', KEYS[2], string.format('%.0f', now + tonumber(ttl)), member)
  end
end

-- As in put.lua: more than can be added.
local ended = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now), 'LIMIT', 0, 2 * count)
for _, member in ipairs(ended) do
  if redis.call('EXISTS', ARGV[1] .. member) == 0 then
    local colon = string.find(member, ':', 1, true)
    redis.call('ZREM', ARGV[2] .. string.sub(member, 1, colon - 1), string.sub(member, colon + 1))
    redis.call('ZREM', KEYS[2], member)
  end
end
