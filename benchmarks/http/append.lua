-- Appends of 100 bytes of JSON; with CHANNELS=n in the environment to n channels in turn.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"time":1234567890123,"symbol":"ABCDEF","price":123.456,"volume":1000,"exchange":"XNYS","side":"BB"}'
assert(#wrk.body == 100)
local channels = tonumber(os.getenv("CHANNELS") or "0")
if channels > 0 then
  local n = 0
  request = function()
    n = (n + 7919) % channels
    return wrk.format(nil, wrk.path .. "/" .. n)
  end
end
