--[[
  Removes a record, if the condition holds, and tells the watchers.

  KEYS[1]  record (hash: v value, n version, f fence)
  KEYS[2]  index of the kind
  KEYS[3]  version counter of the partition
  KEYS[4]  expiries of the partition
  ARGV[1]  expected version, or "" for any
  ARGV[2]  id
  ARGV[3]  "kind:id"
  ARGV[4]  channel of changes
  ARGV[5]  notice for the channel
  ARGV[6]  terms of the kind

  Returns {"ok", version of the removal; 0 when there was nothing} or {"version", current version}.
]]
local version = tonumber(redis.call('HGET', KEYS[1], 'n')) or 0
if ARGV[1] ~= '' and tonumber(ARGV[1]) ~= version then
  return { 'version', version }
end
if version == 0 then
  return { 'ok', 0 }
end
version = redis.call('INCR', KEYS[3])
for term in string.gmatch(redis.call('HGET', KEYS[1], 't') or '', '[^\n]+') do
  redis.call('ZREM', ARGV[6], term .. '\0' .. ARGV[2])
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[4], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return { 'ok', version }
