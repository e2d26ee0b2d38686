--[[
  Adds to a counter; its time to live counts from its creation.

  KEYS[1]  counter
  ARGV[1]  how much to add
  ARGV[2]  time to live in milliseconds, or "" for none

  Returns the new value.
]]
local existed = redis.call('EXISTS', KEYS[1]) == 1
local value = redis.call('INCRBY', KEYS[1], ARGV[1])
if not existed and ARGV[2] ~= '' then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return value
