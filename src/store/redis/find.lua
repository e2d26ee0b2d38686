--[[
  Reads records by their terms, in the order of term and id, and drops terms whose records are gone.

  KEYS[1]  terms of the kind (sorted set of "term NUL id", all with score 0)
  ARGV[1]  key prefix of the kind's records
  ARGV[2]  "exact": records under the term; "prefix": under any term that begins with it
  ARGV[3]  the term
  ARGV[4]  where to begin: "[" followed by the term, or "(" followed by the last member seen
  ARGV[5]  how many records at most
  ARGV[6]  how many members to look at at most: bounds how long Redis is kept from others

  Returns {where to go on, or "" at the end, term, id, value, version, term, id, value, version, ...}.
]]
local wanted = tonumber(ARGV[5])
local budget = tonumber(ARGV[6])
local from = ARGV[4]
-- NUL ends a term, and no byte of a text is as high as 255.
local to = '(' .. ARGV[3] .. (ARGV[2] == 'exact' and '\1' or '\255')
local answer = { '' }
local count = 0

if ARGV[2] == 'exact' and string.sub(from, 1, 1) == '[' then
  from = from .. '\0'
end
while count < wanted and budget > 0 do
  local take = math.min(wanted - count, budget)
  local members = redis.call('ZRANGEBYLEX', KEYS[1], from, to, 'LIMIT', 0, take)
  for _, member in ipairs(members) do
    local at = string.find(member, '\0', 1, true)
    local term, id = string.sub(member, 1, at - 1), string.sub(member, at + 1)
    local record = redis.call('HMGET', ARGV[1] .. id, 'v', 'n')
    if record[1] then
      count = count + 1
      answer[#answer + 1] = term
      answer[#answer + 1] = id
      answer[#answer + 1] = record[1]
      answer[#answer + 1] = record[2]
    else
      redis.call('ZREM', KEYS[1], member)
    end
    from = '(' .. member
  end
  budget = budget - take
  if #members < take then
    return answer
  end
end

answer[1] = from
return answer
