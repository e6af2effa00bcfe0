-- Asks the addresses of a file one after the other, again and again, and prints what came of it
-- as one line of JSON. wrk ... -s wrk.lua http://127.0.0.1:8000 -- FILE
local threads = {}
local asked = {}
sent = 0 -- read by done() through the thread

function setup(thread)
   threads[#threads + 1] = thread
end

function init(args)
   for address in io.lines(args[1]) do
      asked[#asked + 1] = wrk.format("GET", address)
   end
end

function request()
   sent = sent + 1
   return asked[(sent - 1) % #asked + 1]
end

function done(summary, latency, _)
   local all = 0
   for _, thread in ipairs(threads) do
      all = all + thread:get("sent")
   end
   local errors = summary.errors
   io.write(string.format(
      '{"sent": %d, "answered": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, '
         .. '"refused": %d, "broken": %d}\n',
      all, summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      errors.status, errors.connect + errors.read + errors.write))
end
