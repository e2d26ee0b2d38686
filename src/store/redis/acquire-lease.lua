--[[
  Takes a lease when nobody holds it. The fence comes from the partition's version counter, which never expires: it grows
  with every acquisition, also after the lease's own key is gone.

  KEYS[1]  lease (string "fence:owner")
  KEYS[2]  version counter of the partition
  ARGV[1]  owner
  ARGV[2]  time to live in milliseconds

  Returns the fence, or 0 when the lease is held.
]]
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
local fence = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], string.format('%.0f', fence) .. ':' .. ARGV[1], 'PX', ARGV[2])
return fence
