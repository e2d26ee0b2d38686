--[[
  Reads records in the order of their ids, and drops ids whose records have expired from the index.

  KEYS[1]  index of the kind
  ARGV[1]  key prefix of the kind's records
  ARGV[2]  "ascending" or "descending"
  ARGV[3]  where to begin: "-", "+" or "(" followed by the last id seen
  ARGV[4]  how many records at most
  ARGV[5]  how many ids to look at at most: bounds how long Redis is kept from others

  Returns {where to go on, or "" at the end, id, value, version, id, value, version, ...}.
]]
local wanted = tonumber(ARGV[4])
local budget = tonumber(ARGV[5])
local from = ARGV[3]
local answer = { '' }
local count = 0

while count < wanted and budget > 0 do
  local take = math.min(wanted - count, budget)
  local ids
  if ARGV[2] == 'descending' then
    ids = redis.call('ZREVRANGEBYLEX', KEYS[1], from, '-', 'LIMIT', 0, take)
  else
    ids = redis.call('ZRANGEBYLEX', KEYS[1], from, '+', 'LIMIT', 0, take)
  end
  for _, id in ipairs(ids) do
    local record = redis.call('HMGET', ARGV[1] .. id, 'v', 'n')
    if record[1] then
      count = count + 1
      answer[#answer + 1] = id
      answer[#answer + 1] = record[1]
      answer[#answer + 1] = record[2]
    else
      redis.call('ZREM', KEYS[1], id)
    end
    from = '(' .. id
  end
  budget = budget - take
  if #ids < take then
    return answer
  end
end

answer[1] = from
return answer
