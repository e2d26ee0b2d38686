--[[
  Gives a lease back that is still held by the one who asks.

  KEYS[1]  lease (string "fence:owner")
  ARGV[1]  "fence:owner" of the one who asks

  Returns 1, or 0 when the lease was lost.
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
